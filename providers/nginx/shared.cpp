// What a location takes over from another one, so that it is behind the same login.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/nginx/candidate.hpp"
#include "providers/nginx/configuration/statement.hpp"

namespace tidelock::nginx {
namespace {

/// Directives that nginx takes from the level above only where a level has none of them.
using Group = std::vector<std::string_view>;
const std::array<Group, 6> groups{{{"auth_request"},
                                   {"auth_request_set"},
                                   {"satisfy"},
                                   {"allow", "deny"},
                                   {"auth_basic", "auth_basic_user_file"},
                                   {"proxy_set_header"}}};

/// Ways to let people in that cannot be taken over as they stand.
bool is_code(std::string_view name) {
  return name.starts_with("access_by_lua") || name.starts_with("rewrite_by_lua") || name.starts_with("js_") ||
         name.starts_with("auth_jwt");
}

using Statements = std::vector<std::string>;

Statements of_group(const Statements& all, const Group& group) {
  Statements found;
  for (const auto& one : all)
    if (holds(group, name_of(one))) found.push_back(one);
  return found;
}

/// A header's name, in small letters; empty for what sets none.
std::string header_of(const std::string& statement) {
  const auto parsed = parse(line_of(statement));
  if (!parsed || parsed->directives.size() != 1) return {};
  return lower_case(parsed->directives.front().argument(0));
}

/// What is said at one level; a tree's items have what is included in its place.
Statements said_by(const Item& item, const Files& files) {
  Statements said;
  for (const auto& child : item.children) {
    const auto bytes = files.find(child.file);
    if (!child.directive->body && bytes != files.end())
      said.push_back(statement(*child.directive, bytes->second));
  }
  return said;
}

/// Of a group, what counts in a location that says this itself: its level, then those around it.
Statements counting(const Statements& own, const std::vector<Statements>& around, const Group& group) {
  auto found = of_group(own, group);
  for (const auto& level : around)
    if (found.empty()) found = of_group(level, group);
  return found;
}

void drop_overridden(Statements& statements, const Statements& own) {
  const auto headers = of_group(own, groups.back());
  std::erase_if(statements, [&](const std::string& one) {
    return std::ranges::any_of(headers,
                               [&](const std::string& other) { return header_of(one) == header_of(other); });
  });
}

const Item* location_like(const Item& server, std::string_view pattern) {
  for (const auto& child : server.children)
    if (const auto known = pattern_of(*child.directive); known && head_of(*known) == pattern) return &child;
  return nullptr;
}

/// What the other location says itself; a sentence where it lets people in by other means.
std::expected<Statements, std::string> said_by_other(const Item* server, const Files& files,
                                                     std::string_view like) {
  if (like.empty()) return Statements{};
  const auto* other = server == nullptr ? nullptr : location_like(*server, like);
  if (other == nullptr)
    return std::unexpected(fmt::format("its server has no location {} to be like", shown(like)));
  for (const auto& child : other->children)
    if (is_code(child.name()))
      return std::unexpected(
          fmt::format("location {} lets people in by {} ({}), which `like` cannot take over", shown(like),
                      printable(child.name()), child.place()));
  return said_by(*other, files);
}

std::vector<Statements> levels_around(const Tree& tree, const Item* server, const Files& files) {
  std::vector<Statements> levels;
  if (server != nullptr) levels.push_back(said_by(*server, files));
  for (const auto& item : tree.items())
    if (item.name() == "http") levels.push_back(said_by(item, files));
  return levels;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> shared_with(const Tree& tree, const Site& site,
                                                                 const Files& files, const Wish& wish) {
  const auto* server = item_of(tree, site, wish.file, wish.match);
  const auto like = said_by_other(server, files, wish.like);
  if (!like) return std::unexpected(like.error());
  const auto around = levels_around(tree, server, files);
  Statements shared;
  for (const auto& group : groups) {
    const bool headers = holds(group, std::string_view("proxy_set_header"));
    const bool said = !of_group(wish.directives, group).empty();
    if (said ? !headers : of_group(*like, group).empty()) continue;
    auto counts = counting(*like, around, group);
    if (headers) drop_overridden(counts, wish.directives);
    std::ranges::move(counts, std::back_inserter(shared));
  }
  return shared;
}

}  // namespace tidelock::nginx
