#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// The machines that a manifest names, host lists expanded, and the file systems that they share.
struct Inventory {
  std::vector<ClusterNode> nodes;
  std::vector<SharedFilesystem> filesystems;
  std::string lock_host;
};

/// `root` is the merged manifest. What the schema check says already is not said again. `types` are the node
/// types that there are.
[[nodiscard]] Inventory read_inventory(const Node& root, const std::map<std::string, NodeType>& types,
                                       Diagnostics& diagnostics);

}  // namespace tidelock
