#pragma once

#include "engine/apply/cluster_lock.hpp"
#include "engine/command/workspace.hpp"

namespace tidelock {

/// Locks the manifest's cluster for a verb, on its lock host.
[[nodiscard]] std::expected<std::unique_ptr<ClusterLock>, LockFailure> lock_cluster(
    const Workspace& workspace, Transport& transport, std::chrono::seconds timeout, std::string_view verb);

/// A session of its own to the lock host.
[[nodiscard]] Result<std::unique_ptr<Session>> lock_session(const Workspace& workspace, Transport& transport);

}  // namespace tidelock
