#pragma once

#include <vector>

#include "engine/model/graph.hpp"
#include "engine/model/provider.hpp"
#include "engine/probe/observer.hpp"

namespace tidelock {

/// The desired state with what only all hosts together show (Provider::settle); findings are amended in
/// place. Without groups it is the same graph.
[[nodiscard]] Graph settled(Graph graph, std::vector<HostObservation>& observations,
                            const Registry& registry);

}  // namespace tidelock
