#include "engine/command/rollback.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/apply/history.hpp"
#include "engine/base/text.hpp"
#include "engine/plan/guard.hpp"
#include "engine/plan/standing.hpp"

namespace tidelock {
namespace {

/// One host's way back.
struct Past {
  const GraphHost* host = nullptr;
  std::optional<Error> unreachable;
  std::vector<HistoryRun> runs;
};

class Rollback {
 public:
  explicit Rollback(const Workshop& shop)
      : shop_(shop), hosts_(shop.workspace.selected(shop.options.selection)) {}

  Exit run(std::string run, bool agreed) {
    read_histories();
    if (run.empty()) run = last_run();
    if (run.empty() || !is_known(run)) {
      shop_.console.show(Error{run.empty() ? "Nothing to roll back" : "No such run",
                               run.empty() ? "no host remembers an apply" : shown(run),
                               "`history` lists what the hosts remember"});
      return run.empty() ? Exit::error : Exit::usage;
    }
    const auto plan = plan_back(run);
    Carrier carrier(shop_);
    return carrier.run(plan, graph_, observations_, agreed);
  }

 private:
  void read_histories() {
    pasts_.resize(hosts_.size());
    for_each_index(hosts_.size(), shop_.fleet.parallelism(), [&](std::size_t i) {
      pasts_[i].host = hosts_[i];
      auto session = shop_.fleet.session(*hosts_[i]->node);
      auto runs = session ? read_history(**session)
                          : Result<std::vector<HistoryRun>>(std::unexpected(session.error()));
      if (runs)
        pasts_[i].runs = std::move(*runs);
      else
        pasts_[i].unreachable = runs.error();
    });
  }

  [[nodiscard]] std::string last_run() const {
    std::string last;
    for (const auto& past : pasts_)
      if (!past.runs.empty()) last = std::max(last, past.runs.back().run);
    return last;
  }

  [[nodiscard]] bool is_known(const std::string& run) const {
    return std::ranges::any_of(pasts_, [&](const Past& past) {
      return std::ranges::any_of(past.runs, [&](const HistoryRun& one) { return one.run == run; });
    });
  }

  Plan plan_back(const std::string& run) {
    graph_.manifest = &shop_.workspace.manifest();
    std::vector<Focus> focuses(pasts_.size());
    for (std::size_t i = 0; i < pasts_.size(); ++i)
      graph_.hosts.push_back(host_before(pasts_[i], run, focuses[i]));
    observations_.resize(pasts_.size());
    for_each_index(pasts_.size(), shop_.fleet.parallelism(), [&](std::size_t i) { observe(i, focuses[i]); });
    auto plan = make_plan(graph_, observations_, shop_.options.selection);
    plan.back_before = run;
    plan.refusals =
        refusals(plan, graph_, observations_, shop_.workspace.policy(shop_.options.max_deletions));
    return plan;
  }

  /// What the host had, as if it were declared, and what it did not have.
  [[nodiscard]] GraphHost host_before(const Past& past, const std::string& run, Focus& focus) const {
    std::vector<DeclarationPtr> declared;
    for (const auto& record : state_before(past.runs, run)) {
      auto declaration = recall(record, *past.host);
      if (declaration == nullptr) continue;
      auto& list = record.before ? declared : focus.orphans;
      list.push_back(std::move(declaration));
    }
    auto blueprint = std::make_shared<Blueprint>(blueprint_of(declared));
    for (std::size_t i = 0; i < blueprint->items.size(); ++i) focus.items.push_back(i);
    std::ranges::reverse(focus.orphans);  // what was made on top of something goes before it
    return {past.host->node, std::move(blueprint), nullptr};
  }

  /// Null for a kind that this program does not know.
  [[nodiscard]] DeclarationPtr recall(const HistoryRecord& record, const GraphHost& host) const {
    const auto* provider = shop_.workspace.registry().of_kind(record.key.kind);
    if (provider == nullptr) return nullptr;
    auto recalled = provider->recall(record.key, record.before.value_or(Attributes()), record.kept);
    const auto* item = host.blueprint->find(record.key.kind, record.key.name);
    const bool led = item != nullptr && item->declaration->together;
    if (recalled == nullptr || (record.inputs.empty() && !led)) return recalled;
    auto declaration = std::make_shared<Declaration>(*recalled);
    declaration->inputs = record.inputs;  // it has to act on them again when they are as they were
    if (led) declaration->together = item->declaration->together;
    return declaration;
  }

  void observe(std::size_t i, const Focus& focus) {
    const auto& host = graph_.hosts[i];
    auto session = shop_.fleet.session(*host.node);
    if (pasts_[i].unreachable || !session) {
      observations_[i] =
          unreachable_host(host, pasts_[i].unreachable ? *pasts_[i].unreachable : session.error());
      return;
    }
    LiveInterview interview(**session);
    observations_[i] = observe_again(host, focus, shop_.workspace.registry(), interview, {});
    for (const auto& orphan : focus.orphans) own(observations_[i], *orphan);
  }

  /// The history proves that we made it, whatever became of the ledger.
  void own(HostObservation& observation, const Declaration& declaration) const {
    if (readable(observation.ledger) == nullptr) return;
    auto& ledger = std::get<Ledger>(observation.ledger);
    ledger.entries[{declaration.kind, declaration.name}].created = true;
  }

  const Workshop& shop_;
  std::vector<const GraphHost*> hosts_;
  std::vector<Past> pasts_;
  Graph graph_;
  std::vector<HostObservation> observations_;
};

}  // namespace

Exit roll_back(const Workshop& shop, std::string run, bool agreed) {
  return Rollback(shop).run(std::move(run), agreed);
}

}  // namespace tidelock
