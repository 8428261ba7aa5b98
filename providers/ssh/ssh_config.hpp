#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/base/result.hpp"
#include "providers/ssh/identity.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

/// A login that worked, so that OpenSSH can repeat it exactly.
struct ProvenLogin {
  std::string address;  ///< numeric
  std::uint16_t port = 22;
  std::string user;
  PublicKey host_key;
  LoginKey key;
};

/// Writes into `folder`, which must be a PrivateFolder, a configuration for `ssh -F` that knows one host, one
/// host key and one way to log in, and nothing of the user's own. Gives its path.
[[nodiscard]] Result<std::filesystem::path> write_ssh_config(const std::filesystem::path& folder,
                                                             const ProvenLogin& login);

}  // namespace tidelock::ssh
