#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "providers/ssh/private_key.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

/// A key that a user may log in with, as far as its file tells without a passphrase.
struct Identity {
  std::filesystem::path file;
  std::optional<PublicKey> key;           ///< none: locked in an old format, without a .pub file beside it
  std::optional<PrivateKey> private_key;  ///< none: locked, or only the public half is here
  bool locked = false;                    ///< by a passphrase
};

/// Reads a private key file, or the public file of a key that an agent holds. As ssh does, it refuses a
/// private key of ours that others may read.
[[nodiscard]] Result<Identity> read_identity(const std::filesystem::path& file);

/// Reads each identity once a run. Used from many threads at once.
class IdentityCache {
 public:
  [[nodiscard]] Result<Identity> read(const std::filesystem::path& file);

 private:
  std::mutex mutex_;
  std::map<std::filesystem::path, Result<Identity>> read_;
};

/// The key in a line of a .pub file: "ssh-ed25519 AAAA… comment".
[[nodiscard]] std::optional<PublicKey> parse_public_line(std::string_view text);
/// Such a line, without comment and line end.
[[nodiscard]] std::string public_line(const PublicKey& key);

/// The key that a host accepted, so that ssh can log in with the same one.
struct LoginKey {
  PublicKey key;
  std::filesystem::path file;          ///< the private key; empty when an agent holds it
  std::filesystem::path agent_socket;  ///< of the agent that holds it
};

}  // namespace tidelock::ssh
