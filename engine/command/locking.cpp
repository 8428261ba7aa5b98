#include "engine/command/locking.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

constexpr std::chrono::seconds login_limit{30};

}  // namespace

Result<std::unique_ptr<Session>> lock_session(const Workspace& workspace, Transport& transport) {
  const auto& manifest = workspace.manifest();
  auto session = transport.connect(*manifest.find_node(manifest.lock_host), Deadline::in(login_limit));
  if (session) return session;
  auto error = session.error();
  error.detail = fmt::format("{} keeps the cluster's lock; {}: {}", shown(manifest.lock_host), error.summary,
                             error.detail);
  error.summary = "Cluster cannot be locked";
  if (error.advice.empty()) error.advice = "`lock:` in the manifest names another host for it";
  return std::unexpected(std::move(error));
}

std::expected<std::unique_ptr<ClusterLock>, Exit> lock_cluster(const Workspace& workspace,
                                                               Transport& transport, const Options& options,
                                                               const Console& console) {
  const auto refused = [&](const LockFailure& why) {
    console.show(why.error);
    return std::unexpected(why.busy ? Exit::locked : Exit::error);
  };
  auto session = lock_session(workspace, transport);
  if (!session) return refused({.busy = false, .error = session.error()});
  ClusterLock::Settings settings;
  settings.timeout = options.lock_timeout;
  settings.reason = fmt::format("{} of {}", options.verb, workspace.manifest().cluster);
  auto lock = ClusterLock::acquire(std::move(*session), settings, workspace.wiring().cancel);
  if (!lock) return refused(lock.error());
  return std::move(*lock);
}

}  // namespace tidelock
