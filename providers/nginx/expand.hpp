#pragma once

#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::nginx {

/// The manifest's `nginx` section: upstreams, servers of our own, and locations, all on the node `on`.
[[nodiscard]] std::vector<Placement> expand_nginx(const Section& section, const ExpandContext& context,
                                                  Diagnostics& diagnostics);

}  // namespace tidelock::nginx
