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

std::expected<std::unique_ptr<ClusterLock>, LockFailure> lock_cluster(const Workspace& workspace,
                                                                      Transport& transport,
                                                                      std::chrono::seconds timeout,
                                                                      std::string_view verb) {
  auto session = lock_session(workspace, transport);
  if (!session) return std::unexpected(LockFailure{.busy = false, .error = session.error()});
  ClusterLock::Settings settings;
  settings.timeout = timeout;
  settings.reason = fmt::format("{} of {}", verb, workspace.manifest().cluster);
  return ClusterLock::acquire(std::move(*session), settings, workspace.wiring().cancel);
}

}  // namespace tidelock
