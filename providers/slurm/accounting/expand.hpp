#pragma once

#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// The declarations of a manifest's `slurm` section that sacctmgr carries out, all on the first controller.
[[nodiscard]] std::vector<Placement> expand_accounting(const Section& section, const ExpandContext& context,
                                                       Diagnostics& diagnostics);

}  // namespace tidelock::slurm
