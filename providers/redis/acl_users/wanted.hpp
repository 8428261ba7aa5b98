#pragma once

#include <expected>
#include <string>
#include <vector>

#include "engine/model/declaration.hpp"
#include "providers/redis/acl/user.hpp"

namespace tidelock::redis {

/// What stands for the password of a user for whom any is right.
inline constexpr std::string_view no_password = "none is asked for";

/// The words of ACL SETUSER that make these attributes as they are declared. They hold digests of passwords.
[[nodiscard]] std::vector<std::string> words_for(const Attributes& attributes,
                                                 const std::vector<std::string>& names);

/// What rules allow, applied to nothing; what is wrong with them otherwise.
[[nodiscard]] std::expected<AllowedCommands, std::string> allowed_by(const std::vector<std::string>& rules,
                                                                     const CommandTable& table);
/// The selectors of a declaration.
[[nodiscard]] std::expected<std::vector<Selector>, std::string> selectors_of(
    const std::vector<std::string>& texts, const CommandTable& table);
/// A list attribute; empty where it is missing.
[[nodiscard]] std::vector<std::string> list_of(const Attributes& attributes, std::string_view name);

}  // namespace tidelock::redis
