#pragma once

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// Whether a key is written and says true; null for a key that is not written.
[[nodiscard]] bool is_true(const Node* node);

/// Whether a scalar names a node of the manifest; says so where it does not.
[[nodiscard]] bool names_node(const Node& name, const Manifest& manifest, Diagnostics& diagnostics);

}  // namespace tidelock
