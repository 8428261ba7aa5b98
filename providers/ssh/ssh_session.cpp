#include "providers/ssh/ssh_session.hpp"

#include <spdlog/spdlog.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/channel.hpp"
#include "providers/ssh/rsh.sh.hpp"
#include "providers/ssh/ssh_config.hpp"

namespace tidelock::ssh {
namespace {

// Constant, and simple enough for every login shell; `exec` leaves none of them behind.
constexpr const char* as_ourselves = "exec /bin/sh -s";
constexpr const char* as_root = "exec sudo -n -- /bin/sh -s";

}  // namespace

Result<std::unique_ptr<Exchange>> SshSession::start(const ShellProgram& program, Deadline deadline) {
  const bool sudo = become_ == Become::sudo && route_.user != "root";
  const auto* command = sudo ? as_root : as_ourselves;
  spdlog::debug("{}: {}, with a program of {}", client_->whom(), command, human_bytes(program.text().size()));
  return start_exchange(client_, command, program.text(), deadline);
}

Result<void> SshSession::upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                                Deadline deadline) {
  const auto shell = remote_shell();
  if (!shell) return std::unexpected(shell.error());
  spdlog::debug("{}: rsync {} to {}", client_->whom(), shown(upload.source.native()), shown(upload.stage));
  return run_rsync(upload, {*shell, client_->whom()}, progress, deadline, client_->cancellation());
}

Result<RemoteShell> SshSession::remote_shell() {
  if (remote_shell_) return *remote_shell_;
  const auto folder = folder_.subfolder();
  if (!folder) return std::unexpected(folder.error());
  const auto config = write_ssh_config(
      *folder, {to_string(client_->peer()), route_.port, route_.user, client_->host_key(), key_});
  if (!config) return std::unexpected(config.error());
  const auto script = *folder / "rsh.sh";
  if (auto put = replace_file(script, embedded::ssh_rsh_sh.view(), 0600); !put)
    return std::unexpected(put.error());
  constexpr std::size_t unguessable = 16;
  remote_shell_ = {script, *config, random_hex(unguessable)};
  return *remote_shell_;
}

}  // namespace tidelock::ssh
