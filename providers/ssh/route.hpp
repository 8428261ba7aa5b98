#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"
#include "engine/manifest/manifest.hpp"
#include "providers/ssh/configuration.hpp"
#include "providers/ssh/known_hosts.hpp"

namespace tidelock::ssh {

/// How one node is reached: the manifest's word over that of ssh's configuration.
struct Route {
  std::string node;  ///< its name in the manifest
  std::string host;  ///< a name or a numeric address
  std::uint16_t port = 22;
  std::string user;
  std::vector<std::filesystem::path> identities;
  bool identities_declared = false;  ///< by the manifest: a missing file is worth a word
  bool identities_only = false;
  std::vector<std::filesystem::path> known_hosts;
  std::string host_key_alias;
  std::optional<std::string> agent;

  [[nodiscard]] HostNames host_names() const;
};

/// "viz-node001 (portal@192.168.122.252)", with the port where it is not 22.
[[nodiscard]] std::string described(const Route& route);

/// Finds routes; each node is looked up once. Used from many threads at once.
class Router {
 public:
  /// `configuration`, for tests: a file that is read instead of the user's and the system's.
  Router(Connection connection, LocalUser user, std::optional<std::filesystem::path> configuration);

  [[nodiscard]] Result<Route> route(const ClusterNode& node, Deadline deadline, const Cancellation& cancel);
  [[nodiscard]] const LocalUser& user() const { return user_; }

 private:
  [[nodiscard]] Result<Route> find(const ClusterNode& node, Deadline deadline,
                                   const Cancellation& cancel) const;

  Connection connection_;
  LocalUser user_;
  std::optional<std::filesystem::path> configuration_;
  bool configured_;
  std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, std::optional<std::uint16_t>>, Route> found_;
};

}  // namespace tidelock::ssh
