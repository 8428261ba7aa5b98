#include "engine/plan/guard.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

class Guard {
 public:
  Guard(const Plan& plan, const Graph& graph, const std::vector<HostObservation>& observations,
        const Policy& policy)
      : manifest_(*graph.manifest), observations_(observations), policy_(policy), jobs_(touched_jobs(plan)) {
    for (const auto& change : plan.changes) {
      if (change.action != Action::remove && change.action != Action::replace) continue;
      ++deletions_;
      ++deletions_of_[change.declaration->kind];
      hosts_that_lose_.insert(change.host);
    }
  }

  std::vector<Error> refusals() && {
    other_cluster();
    types_without_nodes();
    too_many();
    if (policy_.jobs == JobPolicy::refuse && !jobs_.empty())
      refusals_.push_back(
          {"Plan touches jobs", fmt::format("{} would feel it", jobs_),
           "wait until they have ended, choose other parts with --target, or change policy.jobs"});
    return std::move(refusals_);
  }

 private:
  void other_cluster() {
    std::map<std::string, std::vector<std::string>> hosts;
    for (const auto& observation : observations_)
      if (const auto* ledger = readable(observation.ledger);
          ledger != nullptr && ledger->cluster != manifest_.cluster)
        hosts[ledger->cluster].push_back(observation.host);
    for (const auto& [cluster, names] : hosts)
      refusals_.push_back({"Manifest is for another cluster",
                           fmt::format("{} were applied to as part of {}, and this is the manifest of {}",
                                       fold_hosts(names), shown(cluster), shown(manifest_.cluster)),
                           fmt::format("if the cluster has a new name, write `moved: {{ \"cluster:{}\": "
                                       "\"cluster:{}\" }}` into the manifest",
                                       printable(cluster), printable(manifest_.cluster))});
  }

  /// A type whose last node was moved to another one, or lost from an include, would take everything with it.
  void types_without_nodes() {
    std::set<std::string> in_use;
    for (const auto& node : manifest_.nodes)
      if (const auto type = manifest_.node_types.find(node.type); type != manifest_.node_types.end())
        in_use.insert(type->second.lineage.begin(), type->second.lineage.end());
    std::map<std::string, std::vector<std::string>> losing;
    for (const auto& observation : observations_) {
      const auto* ledger = readable(observation.ledger);
      if (ledger == nullptr || ledger->node_type.empty() || in_use.contains(ledger->node_type)) continue;
      if (hosts_that_lose_.contains(observation.host)) losing[ledger->node_type].push_back(observation.host);
    }
    for (const auto& [type, hosts] : losing)
      refusals_.push_back({"Node type has lost all its nodes",
                           fmt::format("nothing is of type {} any more; what it put on {} would be deleted",
                                       shown(type), fold_hosts(hosts)),
                           "give the type its nodes back, or `forget` what it made"});
  }

  void too_many() {
    if (policy_.max_deletions < deletions_)
      refuse_number(fmt::format("it deletes {}, and {} is the most",
                                count_of(static_cast<std::size_t>(deletions_), "resource"),
                                policy_.max_deletions));
    for (const auto& [kind, most] : policy_.max_deletions_of)
      if (const auto found = deletions_of_.find(kind); found != deletions_of_.end() && found->second > most)
        refuse_number(fmt::format("it deletes {}, and {} is the most of that kind",
                                  count_of(static_cast<std::size_t>(found->second), kind), most));
    constexpr std::int64_t all = 100;
    const auto recorded = recorded_resources();
    if (policy_.max_deletions_percent && deletions_ * all > *policy_.max_deletions_percent * recorded)
      refuse_number(fmt::format("it deletes {} of {}, and {} % is the most", deletions_,
                                count_of(static_cast<std::size_t>(recorded), "resource"),
                                *policy_.max_deletions_percent));
  }

  [[nodiscard]] std::int64_t recorded_resources() const {
    std::int64_t sum = 0;
    for (const auto& observation : observations_)
      if (const auto* ledger = readable(observation.ledger); ledger != nullptr)
        sum += static_cast<std::int64_t>(ledger->entries.size());
    return sum;
  }

  void refuse_number(std::string why) {
    refusals_.push_back({"Plan deletes too much", std::move(why),
                         "if it is meant, say --max-deletions, or change policy.max_deletions"});
  }

  const Manifest& manifest_;
  const std::vector<HostObservation>& observations_;
  const Policy& policy_;
  std::string jobs_;  ///< that the plan touches
  std::int64_t deletions_ = 0;
  std::map<std::string, std::int64_t> deletions_of_;
  std::set<std::string> hosts_that_lose_;
  std::vector<Error> refusals_;
};

}  // namespace

std::string touched_jobs(const Plan& plan) {
  std::set<std::string> jobs;
  for (const auto& change : plan.changes)
    if (change.writes())
      for (const auto& disturbance : change.disturbs)
        if (disturbance.kind == Disturbance::Kind::job) jobs.insert(disturbance.name);
  constexpr std::size_t enough = 5;
  const std::vector<std::string> names(jobs.begin(), jobs.end());
  if (names.size() <= enough) return join(names, ", ");
  return fmt::format("{} and {} more", join(std::span(names).first(enough), ", "), names.size() - enough);
}

std::vector<Error> refusals(const Plan& plan, const Graph& graph,
                            const std::vector<HostObservation>& observations, const Policy& policy) {
  return Guard(plan, graph, observations, policy).refusals();
}

std::vector<Error> unapproved(const Plan& plan, const std::vector<std::string>& approved) {
  std::vector<Error> errors;
  for (const auto& change : plan.changes) {
    if (!change.writes() || change.approval.empty()) continue;
    const auto address = to_string(Address{change.host, change.declaration->kind, change.declaration->name});
    if (holds(approved, address)) continue;
    errors.push_back({"Change has to be approved by name", fmt::format("{}: {}", address, change.approval),
                      fmt::format("if it is meant, say --auto-approve={}", shown(address))});
  }
  return errors;
}

}  // namespace tidelock
