#pragma once

#include <vector>

#include "engine/model/graph.hpp"
#include "engine/model/provider.hpp"
#include "engine/probe/observer.hpp"

namespace tidelock {

/// The desired state with what ledgers add to it: attributes that were applied and are no longer declared,
/// and go back to what they are by themselves (Provider::reset). Without such ones it is the same graph.
[[nodiscard]] Graph with_resets(Graph graph, const std::vector<HostObservation>& observations,
                                const Registry& registry);

}  // namespace tidelock
