#include "engine/report/outcome_text.hpp"

#include <algorithm>
#include <map>
#include <span>

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

/// Outcomes that differ in nothing but where they happened.
struct FoldedOutcomes {
  const Outcome* first = nullptr;
  std::vector<std::string> steps;
  /// What it happened to, and on which hosts; in order.
  std::vector<std::pair<std::string, std::vector<std::string>>> resources;
};

void add(FoldedOutcomes& folded, const Change& change, const Outcome& outcome) {
  if (!holds(folded.steps, outcome.step)) folded.steps.push_back(outcome.step);
  auto name = fmt::format("{} {}", change.declaration->kind, shown(change.declaration->name));
  auto& resources = folded.resources;
  const auto same = std::ranges::find(resources, name, [](const auto& r) { return r.first; });
  if (same == resources.end())
    resources.emplace_back(std::move(name), std::vector{change.host});
  else
    same->second.push_back(change.host);
}

std::vector<FoldedOutcomes> fold(const Plan& plan, const Outcomes& outcomes) {
  std::vector<FoldedOutcomes> folded;
  std::map<std::string, std::size_t> index;
  for (const auto& outcome : outcomes.list) {
    if (outcome.status == Status::done || outcome.status == Status::skipped) continue;
    const auto& error = outcome.error;
    const auto key =
        fmt::format("{}\n{}\n{}\n{}", word(outcome.status), error.summary, error.detail, error.advice);
    const auto [at, fresh] = index.try_emplace(key, folded.size());
    if (fresh) folded.push_back({&outcome, {}, {}});
    add(folded[at->second], plan.changes[outcome.change], outcome);
  }
  return folded;
}

std::string failure_text(const Plan& plan, const FoldedOutcomes& folded, const Style& style) {
  constexpr std::size_t most_resources = 5;
  const auto& outcome = *folded.first;
  const auto& declaration = *plan.changes[outcome.change].declaration;
  const auto at = to_string(declaration.at);
  std::string out = fmt::format("{}{}: {}\n", at.empty() ? at : style.bold(at + ": "), style.red("error"),
                                style.bold(outcome.error.summary));
  const auto all = folded.resources.size();
  const auto listed = all > most_resources + 1 ? most_resources : all;
  for (const auto& [name, hosts] : std::span(folded.resources).first(listed))
    out += fmt::format("  {} on {}\n", name, fold_hosts(hosts));
  if (listed < all) out += fmt::format("  and {} more\n", all - listed);
  if (folded.steps.size() == 1 && !outcome.step.empty())
    out += fmt::format("  while trying to {}\n", outcome.step);
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
  for (const auto& folded : fold(plan, outcomes)) out += failure_text(plan, folded, style);
  for (const auto& trouble : outcomes.troubles)
    out += fmt::format("{}: {}: {}\n", style.red("error"), trouble.host, one_line(trouble.error));
  if (outcomes.interrupted) out += "Interrupted: what had not begun was left.\n";
  const auto skipped = outcomes.count(Status::skipped);
  if (skipped > 0)
    out += fmt::format("{} not tried{}.\n", count_of(skipped, "change"),
                       outcomes.interrupted ? "" : ", because what it needs failed");
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
