#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/base/cancel.hpp"
#include "engine/base/secret.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

/// libssh2's global state. `main` owns one before any transport is made and until the last one is gone.
class SshLibrary {
 public:
  SshLibrary();
  ~SshLibrary();
  SshLibrary(const SshLibrary&) = delete;
  SshLibrary& operator=(const SshLibrary&) = delete;
};

struct SshOptions {
  /// Asks a person for the passphrase of a key; none when they give none. Never called twice at once, and at
  /// most three times a key. Empty where there is no terminal.
  std::function<std::optional<Secret>(std::string_view prompt)> prompt;
  /// Our own program: ssh-add starts it to be told that passphrase (`askpass_main`).
  std::filesystem::path program;
  /// For tests: read instead of the user's and the system's ssh configuration.
  std::optional<std::filesystem::path> configuration;
};

/// Reaches hosts over SSH, and the machine we run on without it. The process must ignore SIGPIPE. `cancel`
/// ends every wait of it and of its sessions; it must outlive them, and the transport must outlive its
/// sessions.
[[nodiscard]] std::unique_ptr<Transport> make_ssh_transport(const Connection& connection, SshOptions options,
                                                            const Cancellation& cancel);

}  // namespace tidelock
