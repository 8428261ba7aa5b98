#include "engine/plan/together.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// One group, as the plan has it so far.
struct Circle {
  std::vector<std::uint32_t> lead, others;  ///< changes that write, by position
  bool lead_changes = false;                ///< also what is blocked or was not chosen
  std::string trouble;                      ///< why it cannot be whole; empty when it can
};

bool leads(std::string_view host, const Declaration& declaration) {
  return declaration.together->lead == host || declaration.together->lead.empty();
}

class Companion {
 public:
  Companion(Plan& plan, const Graph& graph, const std::vector<HostObservation>& observations,
            const Selection& selection)
      : plan_(plan), graph_(graph), selection_(selection) {
    for (std::uint32_t i = 0; i < plan_.changes.size(); ++i)
      if (plan_.changes[i].declaration->together) take(i);
    if (selection_.everything()) return;
    for (const auto& observation : observations) look_for_left_out(observation);
    for (const auto& host : graph.hosts)
      for (const auto& item : host.blueprint->items)
        if (item.declaration->together) note_left_out(host.node->name, *item.declaration);
  }

  void settle() {
    for (auto& [name, circle] : circles_) {
      if (circle.lead_changes && !circle.trouble.empty()) block(circle);
      // Through the first of them: of thousands, not each needs to wait for each.
      for (const auto position : circle.lead)
        if (position == circle.lead.front())
          std::ranges::copy(circle.others, std::back_inserter(plan_.changes[position].after));
        else if (!circle.others.empty())
          plan_.changes[position].after.push_back(circle.lead.front());
    }
  }

 private:
  void take(std::uint32_t position) {
    const auto& change = plan_.changes[position];
    const bool lead = leads(change.host, *change.declaration);
    auto& circle = circles_[change.declaration->together->group];
    // One that carries something for the steps was counted on; others are blocked and left aside.
    const bool counted = change.action == Action::blocked && change.payload != nullptr;
    if (counted && circle.trouble.empty())
      circle.trouble = fmt::format("it changes together with {} {} on {}, which is blocked",
                                   change.declaration->kind, shown(change.declaration->name), change.host);
    if (change.writes()) (lead ? circle.lead : circle.others).push_back(position);
    if (lead && (change.writes() || counted)) circle.lead_changes = true;
  }

  /// Changes that the leading host would have, had they been chosen.
  void look_for_left_out(const HostObservation& observation) {
    const auto* host = graph_.find(observation.host);
    if (host == nullptr || observation.unreachable) return;
    const auto& items = host->blueprint->items;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (const auto& declaration = *items[i].declaration; is_left_out(observation.host, declaration))
        note_change(observation.host, compare(items[i].declaration, observation.findings.at(i), nullptr));
    const auto* ledger = readable(observation.ledger);
    for (const auto& orphan : observation.orphans)
      if (const auto& declaration = *orphan.declaration; is_left_out(observation.host, declaration)) {
        const auto change = compare_orphan(orphan, *ledger->find(declaration.kind, declaration.name));
        if (change.writes()) note_left_out(observation.host, declaration);
        note_change(observation.host, change);
      }
  }

  [[nodiscard]] bool is_left_out(const std::string& host, const Declaration& declaration) const {
    return declaration.together && !selection_.covers({host, declaration.kind, declaration.name});
  }

  void note_change(std::string_view host, const Change& change) {
    if (change.writes() && leads(host, *change.declaration))
      circles_[change.declaration->together->group].lead_changes = true;
  }

  void note_left_out(const std::string& host, const Declaration& declaration) {
    auto& circle = circles_[declaration.together->group];
    if (!circle.trouble.empty() || !is_left_out(host, declaration)) return;
    circle.trouble = fmt::format("it changes together with {} {} on {}, which was not chosen",
                                 declaration.kind, shown(declaration.name), host);
  }

  void block(Circle& circle) {
    for (auto* positions : {&circle.lead, &circle.others}) {
      for (const auto position : *positions) {
        plan_.changes[position].action = Action::blocked;
        plan_.changes[position].blocked_because = circle.trouble;
      }
      positions->clear();
    }
  }

  Plan& plan_;
  const Graph& graph_;
  const Selection& selection_;
  std::map<std::string, Circle> circles_;
};

}  // namespace

void keep_together(Plan& plan, const Graph& graph, const std::vector<HostObservation>& observations,
                   const Selection& selection) {
  Companion(plan, graph, observations, selection).settle();
}

}  // namespace tidelock
