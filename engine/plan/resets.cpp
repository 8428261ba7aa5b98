#include "engine/plan/resets.hpp"

#include <algorithm>

namespace tidelock {
namespace {

/// Null where nothing goes back.
DeclarationPtr with_resets(const Declaration& declaration, const Ledger& ledger, const Registry& registry) {
  const auto* entry = ledger.find(declaration.kind, declaration.name);
  if (entry == nullptr) return nullptr;
  // An apply that was cut off may have set more than the last one that ended well.
  auto known = entry->applied.value_or(Attributes());
  if (entry->intended)
    for (const auto& [name, value] : *entry->intended) known.set(name, value);
  const auto resets = registry.of_kind(declaration.kind)->reset(declaration, known);
  if (resets.empty()) return nullptr;
  auto changed = std::make_shared<Declaration>(declaration);
  for (const auto& [name, value] : resets) changed->attributes.set(name, value);
  return changed;
}

}  // namespace

Graph with_resets(Graph graph, const std::vector<HostObservation>& observations, const Registry& registry) {
  for (auto& host : graph.hosts) {
    const auto seen = std::ranges::find(observations, host.node->name, &HostObservation::host);
    const auto* ledger = seen == observations.end() ? nullptr : readable(seen->ledger);
    if (ledger == nullptr) continue;
    std::shared_ptr<Blueprint> blueprint;
    for (std::size_t i = 0; i < host.blueprint->items.size(); ++i) {
      auto changed = with_resets(*host.blueprint->items[i].declaration, *ledger, registry);
      if (changed == nullptr) continue;
      if (blueprint == nullptr) blueprint = std::make_shared<Blueprint>(*host.blueprint);
      blueprint->items[i].declaration = std::move(changed);
    }
    if (blueprint != nullptr) host.blueprint = std::move(blueprint);
  }
  return graph;
}

}  // namespace tidelock
