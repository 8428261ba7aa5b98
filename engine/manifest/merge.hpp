#pragma once

#include <span>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// The tree of several files that include each other: maps come together key by key, and whatever else stands
/// in two files is wrong. Which file comes first does not matter to the result.
[[nodiscard]] Node united(std::span<const Node> parts, Diagnostics& diagnostics);

/// A node type over what it extends: maps merge, everything else is replaced, an empty value removes what is
/// inherited. An empty value with nothing to remove stays, for the check to find.
[[nodiscard]] Node overlaid(const Node& base, const Node& own);

/// A cluster file over the one it extends: as above, but `nodes` is replaced as a whole; and below
/// `node_types` an empty value stays to take away what node types extend, too.
[[nodiscard]] Node overlaid_cluster(const Node& base, const Node& own);

/// The tree without the empty values that did their work in the merging of cluster files.
[[nodiscard]] Node without_removals(const Node& tree);

}  // namespace tidelock
