#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/property/traces.hpp"

namespace tidelock::property {

/// /etc/passwd, /etc/group and the files that go with them.
[[nodiscard]] bool is_account_file(std::string_view path);
/// Of groups, not of users.
[[nodiscard]] bool is_group_file(std::string_view path);
/// What the shadow suite writes beside them, and nobody looks at.
[[nodiscard]] bool is_account_backup(std::string_view path);

/// The fields of each line of such a file, by name.
using AccountLines = std::map<std::string, std::vector<std::string>, std::less<>>;
[[nodiscard]] AccountLines account_lines(const Traces& traces, std::string_view file);

/// Names whose lines differ in this file. Of groups, members that are among `users` do not count.
[[nodiscard]] std::set<std::string> changed_accounts(const Traces& before, const Traces& after,
                                                     std::string_view file,
                                                     const std::set<std::string>& users);

}  // namespace tidelock::property
