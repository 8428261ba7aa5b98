#pragma once

#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// The job templates of a manifest's `slurm` section, on the first controller or on the nodes that `on`
/// names. What is wrong with a script whatever the cluster goes to `diagnostics`.
[[nodiscard]] std::vector<Placement> expand_templates(const Section& section, const ExpandContext& context,
                                                      Diagnostics& diagnostics);

}  // namespace tidelock::slurm
