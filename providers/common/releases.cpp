#include "providers/common/releases.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/releases.sh.hpp"

namespace tidelock {
namespace {

constexpr std::chrono::seconds short_limit{60};
constexpr std::chrono::seconds folder_limit{1800};  // some GB on a slow disk
constexpr std::string_view release_attribute = "release";

}  // namespace

std::string releases_of(std::string_view path) { return std::string(path) + ".releases"; }

bool is_release_name(std::string_view name) {
  constexpr std::size_t most_digits = 9;
  constexpr std::size_t digest_digits = 12;
  const auto dash = name.find('-');
  if (dash == 0 || dash == std::string_view::npos || dash > most_digits) return false;
  const auto number = name.substr(0, dash);
  const auto digest = name.substr(dash + 1);
  return !number.starts_with('0') && number.find_first_not_of("0123456789") == std::string_view::npos &&
         digest.size() == digest_digits &&
         digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<std::string> release_behind(std::string_view path, std::string_view link) {
  const auto base = path.substr(path.rfind('/') + 1);
  const auto folder = releases_of(base) + '/';
  if (!link.starts_with(folder) || !is_release_name(link.substr(folder.size()))) return std::nullopt;
  return releases_of(path) + '/' + std::string(link.substr(folder.size()));
}

DeclarationPtr recall_release(const ResourceKey& key, const Attributes& attributes, const KeptPaths& kept) {
  const auto name = std::string(attributes.text(release_attribute));
  if (!is_release_name(name)) return nullptr;
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = key.kind;
  declaration->name = key.name;
  declaration->path = key.name;
  auto former = std::make_shared<FormerRelease>();
  if (const auto place = kept.find(releases_of(key.name) + '/' + name); place != kept.end())
    former->kept = place->second;
  declaration->attributes = {{std::string(release_attribute), name}};
  declaration->payload = std::move(former);
  return declaration;
}

std::optional<Obstacle> former_obstacle(const Declaration& declaration, bool there) {
  if (there || !former_release(declaration)->kept.empty()) return std::nullopt;
  return Obstacle{fmt::format("release {} is gone, and was not kept",
                              shown(declaration.attributes.text(release_attribute))),
                  {}};
}

Script release_script(ShellText function, const Declaration& declaration) {
  return Script(embedded::common_releases_sh, function).argument(declaration.name);
}

Step stage_step(std::size_t serves, const Declaration& declaration, const StepContext& context,
                std::string_view stage) {
  return {
      {serves},
      fmt::format("make room for {}", shown(declaration.name)),
      short_limit,
      ScriptStep{release_script("release_stage", declaration).argument(context.login_user).argument(stage)}};
}

Step delete_step(std::size_t serves, const Declaration& declaration) {
  return {{serves},
          fmt::format("delete {}", shown(declaration.name)),
          folder_limit,
          ScriptStep{release_script("release_delete", declaration)}};
}

Step bring_back_step(std::size_t serves, const Declaration& declaration) {
  return {{serves},
          fmt::format("bring {} back", shown(declaration.name)),
          folder_limit,
          ScriptStep{release_script("release_bring_back", declaration)
                         .argument(declaration.attributes.text(release_attribute))
                         .argument(former_release(declaration)->kept)}};
}

}  // namespace tidelock
