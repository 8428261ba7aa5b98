#include "providers/nginx/wish.hpp"

#include <algorithm>

#include "engine/base/text.hpp"
#include "providers/nginx/names.hpp"

namespace tidelock::nginx {
namespace {

constexpr std::string_view listen_is = "listen ";
constexpr std::string_view name_is = "server_name ";

}  // namespace

Wish wish_of(const Declaration& declaration) {
  const auto& attributes = declaration.attributes;
  const auto text = [&](std::string_view name) { return std::string(attributes.text(name)); };
  Wish wish{.kind = declaration.kind,
            .server = declaration.name,
            .name = declaration.name,
            .directives = {},
            .file = text("file"),
            .match = parse_match(attributes.text("match")),
            .before = text("before"),
            .like = text("like"),
            .stands_in = text("stands_in")};
  if (const auto* value = attributes.find("directives"))
    if (const auto* list = std::get_if<std::vector<std::string>>(value)) wish.directives = *list;
  if (declaration.kind != location_kind) return wish;
  const auto colon = std::min(declaration.name.find(':'), declaration.name.size());
  wish.server = declaration.name.substr(0, colon);
  wish.name = declaration.name.substr(std::min(colon + 1, declaration.name.size()));
  return wish;
}

std::optional<Pattern> parse_pattern(std::string_view text) {
  const auto parsed = parse("location " + std::string(text) + "\n{ }");
  if (!parsed || parsed->directives.size() != 1 || !parsed->directives.front().children.empty())
    return std::nullopt;
  return pattern_of(parsed->directives.front());
}

std::string head_of(const Pattern& pattern) {
  const auto text = to_string(pattern);
  const auto bare = pattern.text.size();
  return text.substr(0, text.size() - bare) + spelt(pattern.text);
}

std::string to_text(const ServerMatch& match) {
  std::vector<std::string> parts;
  if (!match.listen.empty()) parts.push_back(std::string(listen_is) + match.listen);
  if (!match.server_name.empty()) parts.push_back(std::string(name_is) + match.server_name);
  return join(parts, ", ");
}

ServerMatch parse_match(std::string_view text) {
  ServerMatch match;
  if (text.starts_with(listen_is)) {
    const auto end = text.find(", ");
    match.listen = text.substr(listen_is.size(), end - std::min(end, listen_is.size()));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  if (text.starts_with(name_is)) match.server_name = text.substr(name_is.size());
  return match;
}

}  // namespace tidelock::nginx
