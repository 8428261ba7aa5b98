#pragma once

#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// `slurm.partitions`, `slurm.nodes` and `slurm.config`; where there is any, also the files on all hosts that
/// have to have the same.
[[nodiscard]] std::vector<Placement> expand_conf(const Section& section, const ExpandContext& context,
                                                 Diagnostics& diagnostics);

}  // namespace tidelock::slurm
