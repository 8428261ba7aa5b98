#pragma once

#include "engine/model/provider.hpp"

namespace tidelock::files {

/// What these attributes say that there is, or was, at the path that the key names. `kept` is where the host
/// has that content still.
[[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                    const KeptPaths& kept);

/// The accounts that must be there before something can be given to them.
[[nodiscard]] std::vector<ResourceKey> accounts_of(const Attributes& attributes);

}  // namespace tidelock::files
