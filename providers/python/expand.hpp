#pragma once

#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/base/source_digests.hpp"
#include "engine/model/provider.hpp"

namespace tidelock::python {

/// Declarations of one `python_venvs` section.
[[nodiscard]] std::vector<Placement> expand_venvs(const Section& section, SourceDigests& digests,
                                                  Diagnostics& diagnostics);

/// What these attributes say that there is, or was, at the path that the key names.
[[nodiscard]] DeclarationPtr recall_venv(const ResourceKey& key, const Attributes& attributes);

}  // namespace tidelock::python
