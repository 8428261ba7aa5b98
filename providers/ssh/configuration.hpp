#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"

namespace tidelock::ssh {

/// Whoever runs us, as ssh sees them.
struct LocalUser {
  std::string name;
  std::filesystem::path home;        ///< from the user database, as in ssh, and not from $HOME
  std::optional<std::string> agent;  ///< SSH_AUTH_SOCK
};

[[nodiscard]] LocalUser current_user();

/// What ssh's own configuration says of one host, as far as it counts here. Paths are expanded.
struct HostConfiguration {
  std::string host_name;
  std::string user;
  std::uint16_t port = 22;
  std::vector<std::filesystem::path> identities;
  bool identities_only = false;
  std::vector<std::filesystem::path> known_hosts;
  std::string host_key_alias;
  std::optional<std::string> agent;  ///< the agent's socket; none: no agent is to be used
};

/// The part of the manifest that `Match` blocks may ask for.
struct ConfigurationQuery {
  std::string name;
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;
};

/// What ssh does when no file configures it.
[[nodiscard]] HostConfiguration default_configuration(const ConfigurationQuery& query, const LocalUser& user);

/// Reads the output of `ssh -G`. Refused: options that would lead the connection elsewhere than we can
/// follow.
[[nodiscard]] Result<HostConfiguration> parse_configuration(std::string_view output,
                                                            const ConfigurationQuery& query,
                                                            const LocalUser& user);

/// Asks `ssh -G`. `file` is read instead of the user's and the system's configuration.
[[nodiscard]] Result<HostConfiguration> ask_ssh(const ConfigurationQuery& query, const LocalUser& user,
                                                const std::optional<std::filesystem::path>& file,
                                                Deadline deadline, const Cancellation& cancel);

/// False when the files say nothing that counts here, so that asking ssh for every host can be left out.
[[nodiscard]] bool is_configured(const LocalUser& user, const std::filesystem::path& system_folder);

/// Whether a system-wide file has more than defaults for all hosts that do not matter here.
[[nodiscard]] bool matters(std::string_view system_configuration);

}  // namespace tidelock::ssh
