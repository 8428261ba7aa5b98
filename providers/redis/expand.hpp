#pragma once

#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::redis {

/// The instance, its users, settings and keys, of the section `redis`.
[[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                            Diagnostics& diagnostics);

}  // namespace tidelock::redis
