#include "engine/plan/settling.hpp"

#include <algorithm>
#include <map>

namespace tidelock {
namespace {

/// One group's sights, and where what becomes of their declarations goes.
struct Group {
  const Provider* provider = nullptr;
  std::vector<Sight> sights;
  std::vector<DeclarationPtr*> places;
};

class Settler {
 public:
  explicit Settler(const Registry& registry) : registry_(registry) {}

  /// `blueprint` and `observation` stay where they are until `settle`.
  void add(Blueprint& blueprint, HostObservation& observation) {
    for (std::size_t i = 0; i < blueprint.items.size(); ++i)
      add(blueprint.items[i].declaration, {.host = observation.host,
                                           .declaration = blueprint.items[i].declaration,
                                           .finding = &observation.findings.at(i)});
    const auto* ledger = readable(observation.ledger);
    for (auto& orphan : observation.orphans) {
      const auto* entry =
          ledger == nullptr ? nullptr : ledger->find(orphan.declaration->kind, orphan.declaration->name);
      add(orphan.declaration, {.host = observation.host,
                               .declaration = orphan.declaration,
                               .finding = &orphan.finding,
                               .leaving = true,
                               .stays = entry == nullptr || !entry->created || entry->protect});
    }
  }

  void settle() {
    for (auto& [name, group] : groups_) {
      group.provider->settle(group.sights);
      for (std::size_t i = 0; i < group.sights.size(); ++i)
        *group.places[i] = std::move(group.sights[i].declaration);
    }
  }

 private:
  void add(DeclarationPtr& place, Sight sight) {
    if (!sight.declaration->together) return;
    const auto* provider = registry_.of_kind(sight.declaration->kind);
    auto& group = groups_[{provider, sight.declaration->together->group}];
    group.provider = provider;
    group.sights.push_back(std::move(sight));
    group.places.push_back(&place);
  }

  const Registry& registry_;
  std::map<std::pair<const Provider*, std::string>, Group> groups_;
};

bool has_groups(const Blueprint& blueprint) {
  return std::ranges::any_of(
      blueprint.items, [](const Blueprint::Item& item) { return item.declaration->together.has_value(); });
}

bool has_groups(const HostObservation& observation) {
  return std::ranges::any_of(observation.orphans,
                             [](const Orphan& orphan) { return orphan.declaration->together.has_value(); });
}

}  // namespace

Graph settled(Graph graph, std::vector<HostObservation>& observations, const Registry& registry) {
  Settler settler(registry);
  std::vector<std::shared_ptr<Blueprint>> blueprints;
  for (auto& observation : observations) {
    const auto host = std::ranges::find_if(
        graph.hosts, [&](const GraphHost& one) { return one.node->name == observation.host; });
    if (host == graph.hosts.end() || observation.unreachable) continue;
    if (!has_groups(*host->blueprint) && !has_groups(observation)) continue;
    blueprints.push_back(std::make_shared<Blueprint>(*host->blueprint));
    settler.add(*blueprints.back(), observation);
    host->blueprint = blueprints.back();
  }
  settler.settle();
  return graph;
}

}  // namespace tidelock
