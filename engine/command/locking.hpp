#pragma once

#include "engine/apply/cluster_lock.hpp"
#include "engine/command/workspace.hpp"

namespace tidelock {

/// Locks the manifest's cluster for the verb of `options`, on its lock host. Where that fails it has been
/// said why, and the error is the status to leave with.
[[nodiscard]] std::expected<std::unique_ptr<ClusterLock>, Exit> lock_cluster(const Workspace& workspace,
                                                                             Transport& transport,
                                                                             const Options& options,
                                                                             const Console& console);

/// A session of its own to the lock host.
[[nodiscard]] Result<std::unique_ptr<Session>> lock_session(const Workspace& workspace, Transport& transport);

}  // namespace tidelock
