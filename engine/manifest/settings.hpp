#pragma once

#include "engine/manifest/manifest.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

// The sections of a manifest that only set values, as structs. They are checked before; a value that was
// found wrong comes out as if it were not there.

[[nodiscard]] Connection connection_settings(const Node& root);
[[nodiscard]] Transfers transfer_settings(const Node& root);
[[nodiscard]] Policy policy_settings(const Node& root);
[[nodiscard]] std::vector<Renaming> renamings(const Node& root, Diagnostics& diagnostics);
/// A node without its name, address and place.
[[nodiscard]] ClusterNode node_settings(const Node& body);

}  // namespace tidelock
