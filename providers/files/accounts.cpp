#include "providers/files/accounts.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::files {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool needs_account(std::string_view name) { return !name.empty() && name != "root" && !is_number(name); }

std::string account(const Attributes& declared, std::string_view attribute, const std::string& name,
                    const std::string& id) {
  return is_number(declared.text(attribute)) ? id : name;
}

std::optional<Obstacle> missing_account(const Declaration& declaration, const Present* present,
                                        const Names& users, const Names& groups) {
  Obstacle obstacle;
  for (const auto* attribute : {"owner", "group"}) {
    const bool is_owner = std::string_view(attribute) == "owner";
    const auto& known = is_owner ? users : groups;
    const auto name = std::string(declaration.attributes.text(attribute));
    if (!known || !needs_account(name) || known->contains(name)) continue;
    if (present != nullptr && present->attributes.text(attribute) == name) continue;
    const auto* kind = is_owner ? "user" : "group";
    obstacle.text += fmt::format("{}the {} {}", obstacle.text.empty() ? "" : " and ", kind, shown(name));
    obstacle.until.push_back({kind, name});
  }
  if (obstacle.until.empty()) return std::nullopt;
  obstacle.text += obstacle.until.size() == 1 ? " does not exist on this host" : " do not exist on this host";
  return obstacle;
}

}  // namespace tidelock::files
