#pragma once

#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/base/source_digests.hpp"
#include "engine/model/graph.hpp"
#include "engine/model/provider.hpp"

namespace tidelock::files {

/// Declarations of one `trees` section.
[[nodiscard]] std::vector<Placement> expand_trees(const Section& section, SourceDigests& digests,
                                                  Diagnostics& diagnostics);

/// Nothing else may be declared where the releases of a tree are.
void check_trees(const Graph& graph, Diagnostics& diagnostics);

}  // namespace tidelock::files
