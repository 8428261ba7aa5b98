#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/budget.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// The node types of a manifest with everything that they extend merged in.
struct ResolvedTypes {
  /// The `node_types` map: in the order written, each body merged, with its own `extends` kept for the check.
  Node tree;
  std::map<std::string, NodeType> types;
  std::set<std::string> incomplete;  ///< something that they extend could not be found
  std::set<std::string> extended;    ///< something extends them
};

/// `written` is the `node_types` map after path keys became normal; the tree is that same node where it is no
/// map.
[[nodiscard]] ResolvedTypes resolve_node_types(const Node& written, Budget& budget, Diagnostics& diagnostics);

}  // namespace tidelock
