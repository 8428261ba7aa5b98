#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/nginx/configuration/text.hpp"

namespace tidelock::nginx {

/// What a directive says, on one line and always the same way; without the semicolon. Lua stays as it is.
[[nodiscard]] std::string statement(const Directive& directive, std::string_view bytes);

/// What the body of a block says, one entry a directive.
[[nodiscard]] std::vector<std::string> statements(const Directive& block, std::string_view bytes);

/// The line of a statement in a block, with its end.
[[nodiscard]] std::string line_of(std::string_view statement);

/// The first word of a statement.
[[nodiscard]] std::string_view name_of(std::string_view statement);

/// A statement of words, each spelt as it has to be.
[[nodiscard]] std::string statement_of(const std::vector<std::string>& words);

/// Stands for a value that must not be shown.
inline constexpr std::string_view hidden_value = "(secret)";

/// Of a statement that others wrote: without the value of a header that by its name lets somebody in, unless
/// that is a variable.
[[nodiscard]] std::string without_secret(const std::string& statement);

}  // namespace tidelock::nginx
