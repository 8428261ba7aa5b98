#include "providers/nginx/configuration/statement.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::nginx {

std::string statement(const Directive& directive, std::string_view bytes) {
  auto text = canonical(directive);
  if (!directive.body) return text;
  if (directive.lua)
    return fmt::format("{} {{{}}}", text,
                       bytes.substr(directive.body->begin, directive.body->end - directive.body->begin));
  text += " {";
  for (const auto& child : directive.children) text += ' ' + line_of(statement(child, bytes));
  return text + " }";
}

std::vector<std::string> statements(const Directive& block, std::string_view bytes) {
  std::vector<std::string> all;
  for (const auto& child : block.children) all.push_back(statement(child, bytes));
  return all;
}

std::string line_of(std::string_view statement) {
  // No word ends with a brace that is not in quotes: `spelt` sees to that.
  return std::string(statement) + (statement.ends_with('}') ? "" : ";");
}

std::string_view name_of(std::string_view statement) { return statement.substr(0, statement.find(' ')); }

std::string statement_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + spelt(word);
  return text;
}

std::string without_secret(const std::string& statement) {
  const auto parsed = parse(line_of(statement));
  if (!parsed || parsed->directives.size() != 1 || parsed->directives.front().body) return statement;
  const auto& directive = parsed->directives.front();
  const bool header = directive.name().ends_with("_set_header") || directive.name() == "add_header";
  if (!(header || directive.name() == "set") || directive.words.size() < 3) return statement;
  const auto name = lower_case(directive.argument(0));
  const bool telling = std::ranges::any_of(
      std::array{"authorization", "token", "secret", "passw", "cookie", "key", "credential"},
      [&](std::string_view word) { return name.contains(word); });
  if (!telling || directive.argument(1).starts_with('$')) return statement;
  return statement_of(
      {std::string(directive.name()), std::string(directive.argument(0)), std::string(hidden_value)});
}

}  // namespace tidelock::nginx
