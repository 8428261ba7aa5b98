#include "engine/plan/plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/plan/impact.hpp"
#include "engine/plan/standing.hpp"
#include "engine/plan/together.hpp"

namespace tidelock {
namespace {

/// What stands on something comes before it; otherwise as they came.
std::vector<const Orphan*> in_deletion_order(const std::vector<const Orphan*>& orphans) {
  return in_order(orphans, [](const Orphan* other, const Orphan* orphan) {
    return stands_on(*other->declaration, *orphan->declaration);
  });
}

std::string remark_on(const LedgerState& state) {
  if (const auto* broken = std::get_if<BrokenLedger>(&state))
    return fmt::format(
        "The ledger cannot be used: {}. What is there counts as not yet adopted; nothing is deleted for it.",
        broken->reason);
  if (std::holds_alternative<LostLedger>(state))
    return "The ledger is lost. What is there counts as not yet adopted; nothing is deleted for it.";
  return {};
}

class PlanMaker {
 public:
  PlanMaker(const Graph& graph, const Selection& selection, const std::vector<HostObservation>& observations)
      : graph_(graph), selection_(selection) {
    for (const auto& observation : observations)
      for (const auto& [host, reason] : observation.away) away_.try_emplace(host, reason);
  }

  void add_host(const HostObservation& observation) {
    const auto* host = graph_.find(observation.host);
    if (host == nullptr || !selection_.covers_host(observation.host)) return;
    ++plan_.hosts;
    if (observation.unreachable) return add_unreachable(observation);
    add_remarks(observation);
    add_changes(*host, observation);
    add_orphans(*host->blueprint, observation);
    for (const auto& extra : observation.extras)
      if (selection_.covers({observation.host, extra.kind, extra.name}))
        plan_.extras.push_back({observation.host, extra});
  }

  Plan take() && {
    order_after_writers();
    plan_.source.manifest = graph_.manifest->path;
    plan_.source.manifest_digest = graph_.manifest->digest;
    plan_.source.cluster = graph_.manifest->cluster;
    return std::move(plan_);
  }

 private:
  void add_unreachable(const HostObservation& observation) {
    if (const auto known = away_.find(observation.host); known != away_.end()) {
      plan_.away.push_back({observation.host, known->second});
      return;
    }
    const auto& error = *observation.unreachable;
    plan_.unchecked.push_back({observation.host, std::nullopt, error.summary, error.detail, error.advice});
  }

  void add_remarks(const HostObservation& observation) {
    if (auto text = remark_on(observation.ledger); !text.empty())
      plan_.remarks.push_back({observation.host, std::move(text)});
    for (const auto& text : observation.remarks) plan_.remarks.push_back({observation.host, text});
    std::vector<std::string> strange;
    for (const auto& key : observation.strange)
      strange.push_back(fmt::format("{} {}", key.kind, shown(key.name)));
    if (!strange.empty())
      plan_.remarks.push_back(
          {observation.host, fmt::format("Of a kind that this program does not know, and left as it is: {}.",
                                         join(strange, ", "))});
  }

  void add_changes(const GraphHost& host, const HostObservation& observation) {
    const auto* ledger = readable(observation.ledger);
    const auto& items = host.blueprint->items;
    const auto chosen = chosen_of(host);
    std::vector<bool> left_out(items.size());
    std::vector<std::optional<std::uint32_t>> positions(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto& item = items[i];
      const auto& finding = observation.findings.at(i);
      auto change = compare(item.declaration, finding, ledger);
      change.host = observation.host;
      if (change.action == Action::blocked && is_lifted(finding, item, items, positions))
        change = compare_without_obstacle(item.declaration, finding, ledger, observation.host);
      act_on_inputs(change, finding, item, positions);
      change.checked_only = !graph_.writes(change.host, *item.declaration);
      if (!chosen[i] || !worth_a_line(change)) {
        left_out[i] = change.action == Action::create && !change.checked_only;
        continue;
      }
      if (const auto* unknown = std::get_if<Unknown>(&finding.observation))
        plan_.unchecked.push_back({change.host,
                                   Address{change.host, item.declaration->kind, item.declaration->name},
                                   unknown->reason,
                                   {},
                                   {}});
      for (const auto needed : item.needs)
        if (positions.at(needed))
          add_need(change, *positions[needed]);
        else if (left_out[needed])
          block_without(change, *items[needed].declaration);
      positions[i] = static_cast<std::uint32_t>(plan_.changes.size());
      plan_.changes.push_back(std::move(change));
    }
  }

  using Positions = std::vector<std::optional<std::uint32_t>>;

  /// Whether what is in the way is gone when its turn comes, because this plan makes what is missing.
  [[nodiscard]] bool is_lifted(const Finding& finding, const Blueprint::Item& item,
                               const std::vector<Blueprint::Item>& items, const Positions& positions) const {
    if (!finding.obstacle || finding.obstacle->until.empty()) return false;
    return std::ranges::all_of(finding.obstacle->until, [&](const ResourceKey& missing) {
      return std::ranges::any_of(item.needs, [&](std::uint32_t needed) {
        const auto& other = *items[needed].declaration;
        return ResourceKey{other.kind, other.name} == missing && positions[needed] &&
               plan_.changes[*positions[needed]].action == Action::create;
      });
    });
  }

  static Change compare_without_obstacle(const DeclarationPtr& declaration, Finding finding,
                                         const Ledger* ledger, const std::string& host) {
    finding.obstacle.reset();
    auto change = compare(declaration, finding, ledger);
    change.host = host;
    return change;
  }

  /// What reads something that this plan changes has to act on it.
  void act_on_inputs(Change& change, const Finding& finding, const Blueprint::Item& item,
                     const Positions& positions) const {
    const bool idle = change.action == Action::no_op || change.action == Action::update;
    if (item.declaration->inputs.empty() || !idle || holds(change.changed, std::string("inputs"))) return;
    const bool changes = std::ranges::any_of(item.needs, [&](std::uint32_t needed) {
      if (!positions[needed]) return false;
      const auto& input = plan_.changes[*positions[needed]];
      const ResourceKey key{input.declaration->kind, input.declaration->name};
      return input.writes() && holds(item.declaration->inputs, key);
    });
    if (!changes) return;
    if (change.action == Action::no_op) {
      change.action = Action::update;
      change.cause = Cause::manifest;
      change.before = item.declaration->attributes;
      change.before->remove("inputs");
      change.disturbs = finding.disturbs;
    }
    change.changed.emplace_back("inputs");
  }

  /// Behind everything else of their host, and what stands on something before that.
  void add_orphans(const Blueprint& blueprint, const HostObservation& observation) {
    const auto* ledger = readable(observation.ledger);
    std::vector<const Orphan*> chosen;
    for (const auto& orphan : observation.orphans)
      if (selection_.covers({observation.host, orphan.declaration->kind, orphan.declaration->name}))
        chosen.push_back(&orphan);
    std::vector<std::uint32_t> earlier;
    for (const auto* orphan : in_deletion_order(chosen)) {
      const auto& declaration = *orphan->declaration;
      auto change = compare_orphan(*orphan, *ledger->find(declaration.kind, declaration.name));
      change.host = observation.host;
      if (change.action == Action::blocked && change.cause == Cause::none)
        plan_.unchecked.push_back({change.host,
                                   Address{change.host, declaration.kind, declaration.name},
                                   change.blocked_because,
                                   {},
                                   {}});
      for (const auto other : earlier) add_dependent(change, other);
      keep_what_is_needed(change, blueprint);
      earlier.push_back(static_cast<std::uint32_t>(plan_.changes.size()));
      plan_.changes.push_back(std::move(change));
    }
  }

  /// What is still declared may need it: a file the user to whom it belongs.
  static void keep_what_is_needed(Change& change, const Blueprint& blueprint) {
    if (change.action != Action::remove) return;
    for (const auto& item : blueprint.items) {
      if (!stands_on(*item.declaration, *change.declaration)) continue;
      change.action = Action::blocked;
      change.blocked_because = fmt::format("{} {} stands on it and is still declared", item.declaration->kind,
                                           shown(item.declaration->name));
      return;
    }
  }

  /// What stood on something is gone before that, or keeps it.
  void add_dependent(Change& change, std::uint32_t position) {
    const auto& dependent = plan_.changes[position];
    if (!stands_on(*dependent.declaration, *change.declaration)) return;
    if (dependent.writes()) change.after.push_back(position);
    if (change.action != Action::remove || dependent.action != Action::blocked) return;
    change.action = Action::blocked;
    change.blocked_because = fmt::format("{} {} stands on it and stays", dependent.declaration->kind,
                                         shown(dependent.declaration->name));
  }

  /// What needs something that cannot be made cannot be made either.
  void add_need(Change& change, std::uint32_t needed) {
    change.after.push_back(needed);
    const auto& first = plan_.changes[needed];
    const bool absent =
        change.action == Action::create || (change.action == Action::blocked && !change.before);
    if (change.cause == Cause::none || !absent || first.action != Action::blocked) return;
    change.action = Action::blocked;
    change.blocked_because = fmt::format("it needs {} {}, which is blocked", first.declaration->kind,
                                         shown(first.declaration->name));
  }

  /// The selection may have left out what this one stands on.
  static void block_without(Change& change, const Declaration& needed) {
    if (change.action != Action::create) return;
    change.action = Action::blocked;
    change.blocked_because =
        fmt::format("it needs {} {}, which is not there and was not chosen", needed.kind, shown(needed.name));
  }

  /// By item, what the selection covers; and the parents of that, which nobody declared.
  [[nodiscard]] std::vector<bool> chosen_of(const GraphHost& host) const {
    const auto& items = host.blueprint->items;
    std::vector<bool> chosen(items.size());
    for (std::size_t i = items.size(); i-- > 0;) {  // what an item needs stands before it
      const auto& declaration = *items[i].declaration;
      if (!declaration.implied)
        chosen[i] = selection_.covers({host.node->name, declaration.kind, declaration.name});
      if (!chosen[i]) continue;
      for (const auto needed : items[i].needs)
        if (items[needed].declaration->implied) chosen[needed] = true;
    }
    return chosen;
  }

  /// A parent that only had to be there, and is there, is nobody's business.
  static bool worth_a_line(const Change& change) {
    return !change.declaration->implied || (change.action != Action::no_op && !change.checked_only);
  }

  /// A resource on a shared file system is looked at again where it is not written, after it was written.
  void order_after_writers() {
    std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> writers;
    for (std::uint32_t i = 0; i < plan_.changes.size(); ++i) {
      const auto& change = plan_.changes[i];
      if (!change.checked_only && change.declaration->path &&
          graph_.shared(*change.declaration->path) != nullptr)
        writers.try_emplace({change.declaration->kind, change.declaration->name}, i);
    }
    for (auto& change : plan_.changes)
      if (change.checked_only && change.writes()) settle_checked(change, writers);
  }

  void settle_checked(Change& change, const auto& writers) {
    const auto writer = writers.find({change.declaration->kind, change.declaration->name});
    const auto* filesystem = graph_.shared(*change.declaration->path);
    const auto name = shown(change.declaration->name);
    if (writer != writers.end() && plan_.changes[writer->second].writes()) {
      change.action = Action::no_op;
      change.after.push_back(writer->second);
      return;
    }
    change.action = Action::blocked;
    if (writer == writers.end() || plan_.changes[writer->second].action == Action::blocked)
      change.blocked_because =
          fmt::format("{}, which writes {}, cannot put it right now", filesystem->apply_on, name);
    else
      change.blocked_because =
          fmt::format("{} is right on {}, which writes it, and differs here: is {} mounted?", name,
                      filesystem->apply_on, shown(filesystem->path));
  }

  const Graph& graph_;
  const Selection& selection_;
  std::map<std::string, std::string> away_;
  Plan plan_;
};

bool matches_any(const std::vector<std::string>& globs, const std::string& text) {
  return std::ranges::any_of(globs, [&](const std::string& glob) { return glob_matches(glob, text); });
}

}  // namespace

bool Selection::covers_host(std::string_view host) const { return hosts.empty() || holds(hosts, host); }

bool Selection::covers(const Address& address) const {
  if (everything()) return true;
  if (!covers_host(address.host)) return false;
  if (!kinds.empty() && !holds(kinds, address.kind)) return false;
  const auto text = to_string(address);
  return (targets.empty() || matches_any(targets, text)) && !matches_any(excludes, text);
}

PlanSummary Plan::summary() const {
  PlanSummary sum;
  for (const auto& change : changes) {
    switch (change.action) {
      case Action::no_op:
        ++sum.no_op;
        break;
      case Action::create:
        ++sum.create;
        break;
      case Action::update:
        ++sum.update;
        break;
      case Action::remove:
        ++sum.remove;
        break;
      case Action::replace:
        ++sum.create, ++sum.remove;
        break;
      case Action::blocked:
        ++sum.blocked;
        break;
    }
  }
  return sum;
}

bool Plan::has_writes() const {
  return std::ranges::any_of(changes, [](const Change& change) { return change.writes(); });
}

bool Plan::converged() const {
  return unchecked.empty() && std::ranges::all_of(changes, [](const Change& change) {
           return change.action == Action::no_op || change.kept;
         });
}

Plan make_plan(const Graph& graph, const std::vector<HostObservation>& observations,
               const Selection& selection) {
  PlanMaker maker(graph, selection, observations);
  for (const auto& observation : observations) maker.add_host(observation);
  auto plan = std::move(maker).take();
  keep_together(plan, graph, observations, selection);
  plan.transfer_seconds = expected_transfer_seconds(plan, observations, graph.manifest->transfers);
  return plan;
}

}  // namespace tidelock
