#include "engine/report/outcome_text.hpp"

#include <map>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/plan/plan_json.hpp"

namespace tidelock {
namespace {

using Status = Outcome::Status;

std::string_view word(Status status) {
  switch (status) {
    case Status::done:
      return "done";
    case Status::failed:
      return "failed";
    case Status::skipped:
      return "skipped";
    case Status::stale:
      return "stale";
  }
  return "";
}

struct FoldedOutcome {
  const Outcome* first = nullptr;
  std::vector<std::string> hosts;
};

std::vector<FoldedOutcome> fold(const Plan& plan, const Outcomes& outcomes) {
  std::vector<FoldedOutcome> folded;
  std::map<std::string, std::size_t> index;
  for (const auto& outcome : outcomes.list) {
    if (outcome.status == Status::done) continue;
    const auto& change = plan.changes[outcome.change];
    const auto key =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", change.declaration->kind, change.declaration->name,
                    word(outcome.status), outcome.step, outcome.error.summary, outcome.error.detail);
    const auto [at, fresh] = index.try_emplace(key, folded.size());
    if (fresh) folded.push_back({&outcome, {}});
    folded[at->second].hosts.push_back(change.host);
  }
  return folded;
}

std::string failure_text(const Plan& plan, const FoldedOutcome& folded, const Style& style) {
  const auto& outcome = *folded.first;
  const auto& declaration = *plan.changes[outcome.change].declaration;
  const auto at = to_string(declaration.at);
  std::string out = fmt::format("{}{}: {}\n", at.empty() ? at : style.bold(at + ": "), style.red("error"),
                                style.bold(outcome.error.summary));
  out += fmt::format("  {} {} on {}\n", declaration.kind, shown(declaration.name), fold_hosts(folded.hosts));
  if (!outcome.step.empty()) out += fmt::format("  while trying to {}\n", outcome.step);
  if (!outcome.error.detail.empty())
    for (const auto line : split(outcome.error.detail, '\n')) out += fmt::format("  | {}\n", line);
  if (!outcome.error.advice.empty()) out += fmt::format("  {}\n", outcome.error.advice);
  return out;
}

struct Counts {
  std::size_t added = 0, changed = 0, destroyed = 0;
};

Counts count_done(const Plan& plan, const Outcomes& outcomes) {
  Counts counts;
  for (const auto& outcome : outcomes.list) {
    if (outcome.status != Status::done) continue;
    const auto action = plan.changes[outcome.change].action;
    if (action == Action::create || action == Action::replace) ++counts.added;
    if (action == Action::update) ++counts.changed;
    if (action == Action::remove || action == Action::replace) ++counts.destroyed;
  }
  return counts;
}

}  // namespace

std::string outcomes_text(const Plan& plan, const Outcomes& outcomes, const Style& style) {
  std::string out;
  std::size_t skipped = 0;
  for (const auto& folded : fold(plan, outcomes)) {
    if (folded.first->status == Status::skipped)
      skipped += folded.hosts.size();
    else
      out += failure_text(plan, folded, style);
  }
  for (const auto& trouble : outcomes.troubles)
    out += fmt::format("{}: {}: {}\n", style.red("error"), trouble.host, one_line(trouble.error));
  if (outcomes.interrupted) out += "Interrupted: what had begun was finished, the rest was not begun.\n";
  if (skipped > 0)
    out += fmt::format("{} not tried, because what it needs failed.\n", count_of(skipped, "change"));
  if (!out.empty()) out += '\n';
  const auto [added, changed, destroyed] = count_done(plan, outcomes);
  out += fmt::format("Applied: {} added, {} changed, {} destroyed", added, changed, destroyed);
  const auto failed = outcomes.count(Status::failed) + outcomes.count(Status::stale);
  if (failed > 0) out += fmt::format(", {} failed", failed);
  if (skipped > 0) out += fmt::format(", {} skipped", skipped);
  return out + ".\n";
}

nlohmann::json outcomes_json(const Plan& plan, const Outcomes& outcomes) {
  auto list = nlohmann::json::array();
  for (const auto& outcome : outcomes.list) {
    const auto& change = plan.changes[outcome.change];
    nlohmann::json json{
        {"address", to_string(Address{change.host, change.declaration->kind, change.declaration->name})},
        {"host", change.host},
        {"status", word(outcome.status)}};
    if (!outcome.step.empty()) json["step"] = outcome.step;
    if (outcome.status != Status::done)
      json["error"] = {{"summary", outcome.error.summary},
                       {"detail", outcome.error.detail},
                       {"advice", outcome.error.advice}};
    list.push_back(std::move(json));
  }
  auto troubles = nlohmann::json::array();
  for (const auto& trouble : outcomes.troubles)
    troubles.push_back(
        {{"host", trouble.host}, {"summary", trouble.error.summary}, {"detail", trouble.error.detail}});
  const auto [added, changed, destroyed] = count_done(plan, outcomes);
  return {{"format_version", "1.0"},
          {"plan", to_json(plan)},
          {"outcomes", std::move(list)},
          {"troubles", std::move(troubles)},
          {"summary",
           {{"added", added},
            {"changed", changed},
            {"destroyed", destroyed},
            {"failed", outcomes.count(Status::failed)},
            {"stale", outcomes.count(Status::stale)},
            {"skipped", outcomes.count(Status::skipped)}}}};
}

}  // namespace tidelock
