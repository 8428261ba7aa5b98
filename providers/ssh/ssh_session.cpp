#include "providers/ssh/ssh_session.hpp"

#include "providers/ssh/channel.hpp"
#include "providers/ssh/rsync.hpp"
#include "providers/ssh/ssh_config.hpp"

namespace tidelock::ssh {
namespace {

// Constant, and simple enough for every login shell; `exec` leaves none of them behind.
constexpr const char* as_ourselves = "exec /bin/sh -s";
constexpr const char* as_root = "exec sudo -n -- /bin/sh -s";

}  // namespace

Result<std::unique_ptr<Exchange>> SshSession::start(const ShellProgram& program, Deadline deadline) {
  const bool sudo = become_ == Become::sudo && route_.user != "root";
  return start_exchange(client_, sudo ? as_root : as_ourselves, program.text(), deadline);
}

Result<void> SshSession::upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                                Deadline deadline) {
  const auto config = ssh_config();
  if (!config) return std::unexpected(config.error());
  return run_rsync(upload, {*config, client_->whom()}, progress, deadline, client_->cancellation());
}

Result<std::filesystem::path> SshSession::ssh_config() {
  if (ssh_config_) return *ssh_config_;
  const auto folder = folder_.subfolder();
  if (!folder) return folder;
  auto written = write_ssh_config(
      *folder, {to_string(client_->peer()), route_.port, route_.user, client_->host_key(), key_});
  if (written) ssh_config_ = *written;
  return written;
}

}  // namespace tidelock::ssh
