#pragma once

#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/base/source_digests.hpp"
#include "engine/model/provider.hpp"

namespace tidelock::files {

/// Declarations of one `directories`, `files` or `images` section.
[[nodiscard]] std::vector<Placement> expand_section(const Section& section, const ExpandContext& context,
                                                    SourceDigests& digests, Diagnostics& diagnostics);

}  // namespace tidelock::files
