#include "providers/ssh/route.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

/// Programs take a word that begins with `-` for an option, and lines end where a control character stands.
std::optional<Error> unusable(std::string_view what, std::string_view word) {
  const bool bad = word.empty() || word.starts_with('-') || printable(word) != word;
  if (!bad) return std::nullopt;
  return Error{"Host cannot be reached by this name", fmt::format("its {} is {}", what, shown(word)),
               "Write a plain name, address and user in the manifest"};
}

}  // namespace

HostNames Route::host_names() const { return ssh::host_names(std::array{host, node}, port, host_key_alias); }

std::string described(const Route& route) {
  const auto where = fmt::format("{}@{}", route.user, route.host);
  return route.port == 22 ? fmt::format("{} ({})", route.node, where)
                          : fmt::format("{} ({} port {})", route.node, where, route.port);
}

Router::Router(Connection connection, LocalUser user, std::optional<std::filesystem::path> configuration)
    : connection_(std::move(connection)),
      user_(std::move(user)),
      configuration_(std::move(configuration)),
      configured_(configuration_.has_value() || is_configured(user_, "/etc/ssh")) {}

Result<Route> Router::route(const ClusterNode& node, Deadline deadline, const Cancellation& cancel) {
  const std::tuple key(node.name, node.address, node.port);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = found_.find(key); it != found_.end()) return it->second;
  }
  auto route = find(node, deadline, cancel);
  if (!route) return route;
  const std::scoped_lock lock(mutex_);
  return found_.insert_or_assign(key, *route).first->second;
}

Result<Route> Router::find(const ClusterNode& node, Deadline deadline, const Cancellation& cancel) const {
  const ConfigurationQuery query{node.name, connection_.user, node.port};
  if (auto bad = unusable("name", node.name)) return std::unexpected(std::move(*bad));
  if (auto bad = unusable("user", query.user.value_or(user_.name))) return std::unexpected(std::move(*bad));
  const auto said = configured_ ? ask_ssh(query, user_, configuration_, deadline, cancel)
                                : default_configuration(query, user_);
  if (!said) return std::unexpected(said.error());
  Route route;
  route.node = node.name;
  // An address that is just the name leaves it to ssh's configuration to say where that is.
  route.host = node.address.empty() || node.address == node.name ? said->host_name : node.address;
  route.port = node.port.value_or(said->port);
  route.user = connection_.user.value_or(said->user);
  if (auto bad = unusable("address", route.host)) return std::unexpected(std::move(*bad));
  if (auto bad = unusable("user", route.user)) return std::unexpected(std::move(*bad));
  route.identities_declared = !connection_.identities.empty();
  route.identities = route.identities_declared ? connection_.identities : said->identities;
  route.identities_only = said->identities_only;
  route.known_hosts = connection_.known_hosts.empty() ? said->known_hosts : connection_.known_hosts;
  route.host_key_alias = said->host_key_alias;
  route.agent = said->agent;
  return route;
}

}  // namespace tidelock::ssh
