#include "engine/report/fold.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"

namespace tidelock {
namespace {

/// Processes and jobs are others on each host; what happens to them is the same.
nlohmann::json disturbance_key(const Disturbance& disturbance) {
  using Kind = Disturbance::Kind;
  const bool of_host = disturbance.kind == Kind::process || disturbance.kind == Kind::job;
  return {disturbance.kind, of_host ? "" : disturbance.name, disturbance.effect};
}

/// Everything of a change that is shown, but the host.
std::string key_of(const Change& change) {
  const auto& declaration = *change.declaration;
  auto before = nlohmann::json::object();
  for (const auto& name : change.changed)
    if (const auto* value = change.before ? change.before->find(name) : nullptr)
      before[name] = to_json(*value);
  std::set<nlohmann::json> disturbs;
  for (const auto& disturbance : change.disturbs) disturbs.insert(disturbance_key(disturbance));
  return dump({declaration.kind, declaration.name, to_string(change.action), to_string(change.cause), before,
               to_json(declaration.attributes), change.changed, change.blocked_because, change.text_diff,
               change.bytes_to_send, disturbs, change.irreversible, change.approval,
               to_string(declaration.at)});
}

void add_host(std::vector<std::string>& hosts, const std::string& host) {
  if (hosts.empty() || hosts.back() != host) hosts.push_back(host);
}

/// Fewer than these are named one by one.
constexpr std::size_t many = 4;

std::vector<FoldedUnchecked> fold_resources(std::vector<FoldedUnchecked> each) {
  using Key = std::pair<std::vector<std::string>, std::string>;
  std::map<Key, std::size_t> counts;
  for (const auto& one : each)
    if (one.first->address) ++counts[{one.hosts, one.first->reason}];
  std::vector<FoldedUnchecked> folded;
  std::map<Key, std::size_t> index;
  for (auto& one : each) {
    const Key key{one.hosts, one.first->reason};
    if (!one.first->address || counts[key] < many) {
      folded.push_back(std::move(one));
      continue;
    }
    const auto [at, fresh] = index.try_emplace(key, folded.size());
    ++(fresh ? folded.emplace_back(one) : folded[at->second]).kinds[one.first->address->kind];
  }
  return folded;
}

}  // namespace

std::vector<FoldedChange> fold_changes(const Plan& plan, bool everything) {
  std::vector<FoldedChange> folded;
  std::map<std::string, std::size_t> index;
  for (const auto& change : plan.changes) {
    const bool unchecked =
        change.action == Action::blocked && change.cause == Cause::none;  // listed on its own
    if ((change.action == Action::no_op && !everything) || unchecked) continue;
    const auto [at, fresh] = index.try_emplace(key_of(change), folded.size());
    if (fresh) folded.push_back({&change, {}, {}});
    add_host(folded[at->second].hosts, change.host);
    folded[at->second].all.push_back(&change);
  }
  return folded;
}

std::vector<FoldedUnchecked> fold_unchecked(const Plan& plan) {
  std::vector<FoldedUnchecked> folded;
  std::map<std::string, std::size_t> index;
  for (const auto& unchecked : plan.unchecked) {
    const auto kind = unchecked.address ? unchecked.address->kind + ' ' + unchecked.address->name : "";
    const auto [at, fresh] = index.try_emplace(fmt::format("{}\n{}", kind, unchecked.reason), folded.size());
    if (fresh) folded.push_back({&unchecked, {}, {}});
    add_host(folded[at->second].hosts, unchecked.host);
    folded[at->second].all.push_back(&unchecked);
  }
  return fold_resources(std::move(folded));
}

std::vector<FoldedDetail> fold_details(const FoldedUnchecked& folded) {
  std::vector<FoldedDetail> details;
  std::map<std::string_view, std::size_t> index;
  for (const auto* unchecked : folded.all) {
    if (unchecked->detail.empty()) continue;
    for (const auto text : split(unchecked->detail, '\n')) {
      const auto [at, fresh] = index.try_emplace(text, details.size());
      if (fresh) details.push_back({std::string(text), {}});
      add_host(details[at->second].hosts, unchecked->host);
    }
  }
  std::ranges::stable_sort(details, std::greater{}, [](const FoldedDetail& d) { return d.hosts.size(); });
  return details;
}

}  // namespace tidelock
