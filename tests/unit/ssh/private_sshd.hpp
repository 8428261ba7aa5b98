#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/process.hpp"
#include "engine/manifest/manifest.hpp"
#include "tests/unit/ssh/scratch.hpp"

namespace tidelock {

/// A real sshd of one test's own, on a free port of 127.0.0.1, with host keys of every type.
class PrivateSshd {
 public:
  static bool is_installed() { return std::filesystem::exists("/usr/sbin/sshd"); }

  /// `extra` are lines for its configuration, before its own.
  explicit PrivateSshd(const std::string& extra = {});
  ~PrivateSshd();
  PrivateSshd(const PrivateSshd&) = delete;
  PrivateSshd& operator=(const PrivateSshd&) = delete;

  [[nodiscard]] const Scratch& folder() const { return folder_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] ClusterNode node() const;
  [[nodiscard]] std::string address() const;  ///< as known_hosts writes it: "[127.0.0.1]:4242"
  /// A user key that may log in.
  std::filesystem::path authorize(const std::string& name, const std::string& type = "ed25519",
                                  const std::string& passphrase = {},
                                  const std::vector<std::string>& more = {}) const;
  [[nodiscard]] std::filesystem::path host_key(const std::string& type) const;
  /// A connection that uses one key file and pins the ed25519 host key.
  [[nodiscard]] Connection connection(const std::filesystem::path& identity) const;
  [[nodiscard]] std::string log() const;

  void signal(int number) const;  ///< to sshd itself
  /// Kills the processes that serve connections, and leaves the one that takes new ones.
  void kill_connections() const;
  void restart_with_new_host_keys();

 private:
  void start();

  Scratch folder_;
  std::uint16_t port_;
  std::optional<ChildProcess> child_;
};

/// A TCP connection to a port of 127.0.0.1; invalid when nothing takes it.
[[nodiscard]] FileDescriptor open_connection(std::uint16_t port);

/// A socket that listens on some port of 127.0.0.1, and that port.
[[nodiscard]] FileDescriptor listen_on_loopback(int backlog = 16);
[[nodiscard]] std::uint16_t port_of(const FileDescriptor& socket);

/// A free TCP port of 127.0.0.1.
[[nodiscard]] std::uint16_t free_port();

}  // namespace tidelock
