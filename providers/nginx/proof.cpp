#include "providers/nginx/proof.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/nginx/configuration/listen.hpp"
#include "providers/nginx/names.hpp"

namespace tidelock::nginx {
namespace {

bool says(const Item& item, std::string_view name) {
  return std::ranges::any_of(item.children, [&](const Item& child) { return child.name() == name; });
}

bool is_protected(const Item& item) {
  return std::ranges::any_of(item.children, [](const Item& child) {
    return (child.name() == "auth_request" || child.name() == "auth_basic") &&
           child.directive->argument(0) != "off";
  });
}

bool any_protected(std::span<const Location> locations) {
  return std::ranges::any_of(locations, [](const Location& one) { return is_protected(*one.item); });
}

/// The location of ours among these.
const Location* ours(std::span<const Location> locations, const Wish& wish) {
  const auto file = locations_file(wish.server);
  for (const auto& one : locations)
    if (one.item->file == file && head_of(one.pattern) == wish.name) return &one;
  return nullptr;
}

std::string told(const Location& location) {
  return fmt::format("location {} ({})", shown(to_string(location.pattern)), location.item->place());
}

class Prover {
 public:
  Prover(const Item& server, const Wish& wish)
      : server_(server), wish_(wish), locations_(locations_of(server)), ours_(ours(locations_, wish)) {}

  Proof prove() && {
    for (const auto& child : server_.children)
      if (child.name() == "return")
        proof_.lost = fmt::format("its server answers everything by itself (return, {})", child.place());
    if (ours_ == nullptr || !proof_.lost.empty()) return std::move(proof_);
    prove_route();
    if (proof_.lost.empty()) prove_below();
    remark_on_access();
    return std::move(proof_);
  }

 private:
  void prove_route() {
    if (ours_->pattern.match == Match::named || ours_->pattern.is_regex()) return;
    const auto& route = ours_->pattern.text;
    const auto best = winner(locations_, route);
    if (best.location != ours_ && best.location != nullptr)
      proof_.lost = fmt::format("{} would answer {} instead", told(*best.location), shown(route));
    remark_on_unclear(best);
  }

  void prove_below() {
    const auto samples = samples_of(ours_->pattern);
    for (const auto& uri : samples) {
      const auto best = winner(locations_, uri);
      if (best.location == nullptr || best.location == ours_ || !best.location->pattern.is_regex()) continue;
      proof_.remarks.push_back(fmt::format(
          "Requests such as {} go to {} and not to {} of {}; `^~` in front of its path would keep them.",
          shown(uri), told(*best.location), shown(wish_.name), wish_.server));
      return;
    }
  }

  void remark_on_unclear(const Winner& best) {
    if (best.unclear == nullptr) return;
    proof_.remarks.push_back(fmt::format("It cannot be told whether {} takes requests from {} of {}.",
                                         told(*best.unclear), shown(wish_.name), wish_.server));
  }

  void remark_on_access() {
    if (!says(*ours_->item, "proxy_pass") || is_protected(*ours_->item) || is_protected(server_)) return;
    if (!any_protected(locations_)) return;
    proof_.remarks.push_back(
        fmt::format("Location {} of {} passes requests on without a login, and others of that server have "
                    "one; `like` takes it over.",
                    shown(wish_.name), wish_.server));
  }

  const Item& server_;
  const Wish& wish_;
  std::vector<Location> locations_;
  const Location* ours_;
  Proof proof_;
};

/// Where a server can be asked from its own host.
struct Door {
  std::string scheme;
  std::int64_t port;
  std::string address = "127.0.0.1";
};

/// Only an address of IPv4, or any of the host's.
bool can_be_asked(const Listen& listen) {
  return listen.address == "*" || listen.address.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::optional<Door> door_of(const Item& server) {
  if (!says(server, "listen")) return Door{.scheme = "http", .port = 80};
  for (const auto& child : server.children) {
    const auto listen = child.name() == "listen" ? parse_listen(*child.directive) : std::nullopt;
    if (!listen || !can_be_asked(*listen)) continue;
    Door door{.scheme = listen->tls ? "https" : "http", .port = listen->port};
    if (!listen->address.empty() && listen->address != "*" && listen->address != "0.0.0.0")
      door.address = listen->address;
    return door;
  }
  return std::nullopt;
}

bool is_plain(std::string_view text) {
  constexpr std::string_view known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
  return !text.empty() && text.find_first_not_of(known) == std::string_view::npos;
}

std::string host_of(const Item& server) {
  for (const auto& child : server.children)
    if (child.name() == "server_name")
      for (const auto& word : child.directive->arguments())
        if (is_plain(word.value) && word.value != "_" && !word.value.starts_with('.')) return word.value;
  return "localhost";
}

/// Everything that a block says, whatever it includes.
std::string said(const Item& item) {
  auto text = canonical(*item.directive) + '{';
  for (const auto& child : item.children) text += said(child) + ';';
  return text + '}';
}

/// One that the manifest changes may answer otherwise.
bool same(const Location& before, const Location& after) {
  return before.pattern == after.pattern && before.item->file == after.item->file &&
         said(*before.item) == said(*after.item);
}

void add_routes(std::vector<Route>& routes, const Item& before, const Item& after) {
  const auto door = door_of(before);
  if (!door) return;
  const auto known = locations_of(before);
  const auto coming = locations_of(after);
  for (const auto& location : known) {
    const auto& uri = location.pattern.text;
    if (location.pattern.match == Match::named || location.pattern.is_regex() || !is_plain(uri)) continue;
    const auto* first = winner(known, uri).location;
    const auto* then = winner(coming, uri).location;
    if (first == nullptr || then == nullptr || !same(*first, *then)) continue;
    routes.push_back({.url = fmt::format("{}://{}:{}{}", door->scheme, host_of(before), door->port, uri),
                      .address = door->address});
  }
}

/// No edit of ours makes or takes server blocks in files of others: the n-th of a file stays the n-th.
std::map<std::string_view, std::vector<const Item*>> by_file(const std::vector<const Item*>& servers) {
  std::map<std::string_view, std::vector<const Item*>> found;
  for (const auto* server : servers) found[server->file].push_back(server);
  return found;
}

}  // namespace

Proof prove(const Tree& tree, const Site& site, const Wish& wish) {
  const auto* server = item_of(tree, site, wish.file, wish.match);
  if (server == nullptr)
    return {.lost = fmt::format("nginx does not read {}", shown(wish.file)), .remarks = {}};
  return Prover(*server, wish).prove();
}

std::vector<Route> routes_to_keep(const Tree& before, const Tree& after) {
  constexpr std::size_t most = 16;
  const auto servers = servers_of(before);
  const auto coming = by_file(servers_of(after));
  std::map<std::string_view, std::size_t> seen;
  std::vector<Route> routes;
  for (const auto* server : servers) {
    const auto n = seen[server->file]++;
    const auto then = coming.find(server->file);
    if (!server->file.contains("tidelock") && then != coming.end() && n < then->second.size())
      add_routes(routes, *server, *then->second[n]);
  }
  if (routes.size() > most) routes.resize(most);
  return routes;
}

std::vector<std::int64_t> ports_of(const Tree& tree) {
  std::vector<std::int64_t> ports;
  for (const auto* server : servers_of(tree))
    for (const auto& child : server->children)
      if (const auto listen = child.name() == "listen" ? parse_listen(*child.directive) : std::nullopt)
        ports.push_back(listen->port);
  return ports;
}

}  // namespace tidelock::nginx
