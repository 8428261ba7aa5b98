#pragma once

#include <vector>

#include "engine/plan/plan.hpp"

namespace tidelock {

/// Makes groups (Declaration::together) whole: those of the leading host come after those of other hosts;
/// and where the leading host's are to change and one of the group cannot or was not chosen, none is changed.
void keep_together(Plan& plan, const Graph& graph, const std::vector<HostObservation>& observations,
                   const Selection& selection);

}  // namespace tidelock
