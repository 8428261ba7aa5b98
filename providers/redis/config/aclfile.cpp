#include "providers/redis/config/aclfile.hpp"

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/redis/change.sh.hpp"
#include "providers/redis/config/declare.hpp"
#include "providers/redis/inquiry.hpp"
#include "providers/redis/saving.hpp"

namespace tidelock::redis {
namespace {

std::string declared_path(const Declaration& declaration) {
  return std::string(declaration.attributes.text("value"));
}

/// As the configuration names it, where it is read when the instance is started.
std::string path_in_file(const Instance& instance) {
  const auto* file = instance.file(instance.configuration_path());
  return file == nullptr ? std::string() : value_in_file(file->text, aclfile_setting).value_or("");
}

std::string obstacle(const Declaration& declaration, const Instance& instance, const Found& found) {
  const auto path = declared_path(declaration);
  const auto live = instance.setting(aclfile_setting).value_or("");
  if (path.empty() || !live.empty())
    return fmt::format("redis has {} as its aclfile; to move from there is done by hand",
                       shown(live.empty() ? path_in_file(instance) : live));
  if (instance.configuration_path().empty())
    return "redis was started without a configuration file, in which the aclfile would be named";
  if (auto text = saving_obstacle(instance, instance.configuration_path()); !text.empty()) return text;
  const auto* there = instance.file(path);
  if (there == nullptr) return fmt::format("nobody could look at {}", shown(path));
  if (there->state == "none" || there->digest == sha256_hex(found.users_text.reveal())) return {};
  return fmt::format("{} is there already, and holds something else than the users of redis", shown(path));
}

}  // namespace

const Declaration* declared_move(std::span<const Subject> subjects, const Instance& instance) {
  for (const auto& subject : subjects)
    if (is_kind(subject, config_kind) && subject.declaration->name == aclfile_setting && !subject.leaving &&
        instance.setting(aclfile_setting).value_or("") != declared_path(*subject.declaration))
      return subject.declaration;
  return nullptr;
}

bool awaits_restart(const Instance& instance) {
  return !instance.has_aclfile() && !path_in_file(instance).empty();
}

Finding move_finding(const Subject& subject, const Instance& instance, std::shared_ptr<const Found> found) {
  Finding finding;
  const auto& declaration = *subject.declaration;
  const auto live = instance.setting(aclfile_setting).value_or("");
  finding.fingerprint = sha256_hex(live + '\n' + instance.configuration_path());
  if (subject.leaving) {
    finding.observation = Present{{{"value", live}}};
    return finding;
  }
  const bool staged = awaits_restart(instance) && path_in_file(instance) == declared_path(declaration);
  finding.observation = Present{{{"saved", true}, {"value", staged ? declared_path(declaration) : live}}};
  if (auto text = obstacle(declaration, instance, *found); !text.empty())
    finding.obstacle = Obstacle{text, {}};
  finding.before_images = images_of(instance, instance.configuration_path());
  finding.disturbs = {
      {Disturbance::Kind::other, "redis", "takes its users from there when somebody restarts it"}};
  finding.payload = std::move(found);
  return finding;
}

Step move_step(const Change& change, std::size_t serves, const Found& found) {
  Script script(embedded::redis_change_sh, "redis_stage_users");
  const auto& configuration = found.configuration.value_or(SavedFile{});
  script.argument(configuration.path).argument(configuration.digest);
  script.argument(declared_path(*change.declaration)).argument(sha256_hex(found.users_text.reveal()));
  script.input(found.users_text.reveal());
  constexpr std::chrono::seconds limit{60};
  return {.serves = {serves},
          .what = fmt::format("move the users of redis to {}", shown(declared_path(*change.declaration))),
          .limit = limit,
          .action = ScriptStep{std::move(script)}};
}

}  // namespace tidelock::redis
