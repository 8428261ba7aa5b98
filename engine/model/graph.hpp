#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/model/declaration.hpp"
#include "engine/model/provider.hpp"

namespace tidelock {

/// Everything declared for one host, in an order in which it can be made: what something needs stands before
/// it. Hosts with equal declarations share one blueprint.
struct Blueprint {
  struct Item {
    DeclarationPtr declaration;
    std::vector<std::uint32_t> needs;  ///< indices of earlier items
  };
  std::vector<Item> items;

  [[nodiscard]] const Item* find(std::string_view kind, std::string_view name) const;
};

/// One host of the graph. Every declared node is here, also one without resources.
struct GraphHost {
  const ClusterNode* node = nullptr;
  std::shared_ptr<const Blueprint> blueprint;
  const std::vector<Renaming>* moved = nullptr;  ///< the manifest's new names; null where there are none
};

/// The whole desired state. Constant after `build_graph`; refers to the manifest it was built from, which
/// must outlive it.
struct Graph {
  const Manifest* manifest = nullptr;
  std::vector<GraphHost> hosts;  ///< in manifest order

  [[nodiscard]] const GraphHost* find(std::string_view host) const;
  /// The shared file system a path lies on; null for a path of the host's own.
  [[nodiscard]] const SharedFilesystem* shared(std::string_view path) const;
  /// Whether this host writes the resource, or only checks it because another one does.
  [[nodiscard]] bool writes(std::string_view host, const Declaration& declaration) const;
  [[nodiscard]] std::size_t resources() const;
};

/// Expands every section, places the declarations on their hosts, adds missing parents, and orders them.
/// Wrong things (two resources with one address) go to `diagnostics`; with errors there the graph must not be
/// used.
[[nodiscard]] Graph build_graph(const ExpandContext& context, const Registry& registry,
                                Diagnostics& diagnostics);

}  // namespace tidelock
