#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

/// A key that a user may log in with, as far as its file tells without a passphrase.
struct Identity {
  std::filesystem::path file;
  std::optional<PublicKey> key;        ///< none: an old format without a .pub file beside it
  std::optional<Secret> private_text;  ///< none: only the public half is here, an agent has the other
  bool encrypted = false;
};

/// Reads a private key file, or the public file of a key that an agent holds. As ssh does, it refuses a
/// private key of ours that others may read.
[[nodiscard]] Result<Identity> read_identity(const std::filesystem::path& file);

/// The key in a line of a .pub file: "ssh-ed25519 AAAA… comment".
[[nodiscard]] std::optional<PublicKey> parse_public_line(std::string_view text);

/// The key that a host accepted, so that ssh can log in with the same one.
struct LoginKey {
  std::optional<PublicKey> key;        ///< always there when an agent holds the key
  std::filesystem::path file;          ///< the private key; empty when an agent holds it
  std::filesystem::path agent_socket;  ///< of the agent that holds it
};

}  // namespace tidelock::ssh
