// Finding blocks, by what a manifest calls them.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/nginx/candidate.hpp"
#include "providers/nginx/configuration/listen.hpp"
#include "providers/nginx/names.hpp"

namespace tidelock::nginx {
namespace {

bool listens(const Directive& server, std::string_view wanted) {
  bool any = false;
  for (const auto& child : server.children) {
    if (child.name() != "listen") continue;
    any = true;
    const auto listen = parse_listen(child);
    if (child.argument(0) == wanted || (listen && fmt::to_string(listen->port) == wanted)) return true;
  }
  return !any && wanted == "80";
}

bool is_called(const Directive& server, std::string_view wanted) {
  return std::ranges::any_of(server.children, [&](const Directive& child) {
    return child.name() == "server_name" &&
           std::ranges::any_of(child.arguments(), [&](const Word& word) { return word.value == wanted; });
  });
}

bool matches(const Directive& server, const ServerMatch& match) {
  return (match.listen.empty() || listens(server, match.listen)) &&
         (match.server_name.empty() || is_called(server, match.server_name));
}

void collect_servers(const std::vector<Directive>& directives, std::vector<const Directive*>& servers) {
  for (const auto& directive : directives) {
    if (directive.name() == "server" && directive.body) servers.push_back(&directive);
    if (directive.name() == "http") collect_servers(directive.children, servers);
  }
}

}  // namespace

std::expected<const Directive*, std::string> find_server(const Text& text, std::string_view file,
                                                         const ServerMatch& match) {
  std::vector<const Directive*> servers;
  collect_servers(text.directives, servers);
  std::erase_if(servers, [&](const Directive* server) { return !matches(*server, match); });
  if (servers.size() == 1) return servers.front();
  const auto wanted = to_text(match);
  const auto which = wanted.empty() ? "" : fmt::format(" with {}", printable(wanted));
  if (servers.empty()) return std::unexpected(fmt::format("{} has no server block{}", shown(file), which));
  return std::unexpected(
      fmt::format("{} has {} server blocks{}, the first two on lines {} and {}; `match` tells which",
                  shown(file), servers.size(), which, servers[0]->line, servers[1]->line));
}

const Directive* find_block(const std::vector<Directive>& directives, std::string_view head) {
  const auto found = std::ranges::find_if(directives, [&](const Directive& directive) {
    if (!directive.body) return false;
    const auto pattern = pattern_of(directive);
    return pattern ? "location " + head_of(*pattern) == head : canonical(directive) == head;
  });
  return found == directives.end() ? nullptr : &*found;
}

const Directive* find_include(const std::vector<Directive>& directives, std::string_view path) {
  const auto found = std::ranges::find_if(directives, [&](const Directive& directive) {
    const auto argument = directive.argument(0);
    const bool same =
        argument == path || (!argument.starts_with('/') && path == std::string(folder).append(argument));
    return directive.name() == "include" && !directive.body && same;
  });
  return found == directives.end() ? nullptr : &*found;
}

const Item* item_of(const Tree& tree, const Site& site, std::string_view file, const ServerMatch& match) {
  const auto& real = site.real_path(std::string(file));
  for (const auto* server : servers_of(tree))
    if (site.real_path(std::string(server->file)) == real && matches(*server->directive, match))
      return server;
  return nullptr;
}

}  // namespace tidelock::nginx
