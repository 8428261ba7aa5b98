#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/model/declaration.hpp"
#include "engine/model/observation.hpp"

namespace tidelock::files {

/// The names of the users or groups that a host has, as far as it was asked.
using Names = std::optional<std::set<std::string, std::less<>>>;

/// root is everywhere, and numbers need no entry.
[[nodiscard]] bool needs_account(std::string_view name);

/// Declared numbers are compared with numbers, names with names.
[[nodiscard]] std::string account(const Attributes& declared, std::string_view attribute,
                                  const std::string& name, const std::string& id);

/// A name that the host does not know, where it would be needed: not where it stands already.
[[nodiscard]] std::optional<Obstacle> missing_account(const Declaration& declaration, const Present* present,
                                                      const Names& users, const Names& groups);

}  // namespace tidelock::files
