#pragma once

#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

[[nodiscard]] std::vector<Placement> expand_services(const Section& section, const ExpandContext& context,
                                                     Diagnostics& diagnostics);

/// The accounts that a service runs as come before it.
[[nodiscard]] std::vector<ResourceKey> before_service(const Attributes& attributes);

}  // namespace tidelock::system
