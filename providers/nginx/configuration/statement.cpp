#include "providers/nginx/configuration/statement.hpp"

#include <fmt/format.h>

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

}  // namespace tidelock::nginx
