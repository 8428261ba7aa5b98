#pragma once

#include "engine/model/provider.hpp"

namespace tidelock::system {

/// What these attributes say that there is, or was. With what the host keeps of a unit or of authorized keys,
/// it can be brought back.
[[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                    const KeptPaths& kept);

}  // namespace tidelock::system
