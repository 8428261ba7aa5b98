#include "engine/command/carrier.hpp"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/command/show.hpp"
#include "engine/model/value_json.hpp"
#include "engine/plan/guard.hpp"
#include "engine/report/outcome_text.hpp"

namespace tidelock {
namespace {

/// Sortable by time, and unique. Two runs may well begin within one second: an apply and its rollback.
std::string new_run() {
  using namespace std::chrono;
  constexpr std::size_t random_bytes = 3;
  const auto now = system_clock::now();
  const auto part = duration_cast<milliseconds>(now.time_since_epoch()) % 1000;
  return fmt::format("{:%Y%m%dT%H%M%S}.{:03}Z-{}", fmt::gmtime(system_clock::to_time_t(now)), part.count(),
                     random_hex(random_bytes));
}

std::string holder(const std::string& run) {
  const auto process = this_process();
  return fmt::format("{}@{} pid {} run {}", process.user, process.host, process.pid, run);
}

/// All of every group of which something failed and something was done: what was done is of no use alone, and
/// what failed may have been done in part.
std::vector<Address> done_in_vain(const Plan& plan, const Outcomes& outcomes) {
  std::set<std::string> failed, done;
  for (const auto& outcome : outcomes.list)
    if (const auto& together = plan.changes[outcome.change].declaration->together)
      (outcome.status == Outcome::Status::done ? done : failed).insert(together->group);
  std::vector<Address> addresses;
  for (const auto& outcome : outcomes.list) {
    const auto& change = plan.changes[outcome.change];
    const auto& together = change.declaration->together;
    if (together && failed.contains(together->group) && done.contains(together->group))
      addresses.push_back({change.host, change.declaration->kind, change.declaration->name});
  }
  return addresses;
}

}  // namespace

Exit Carrier::run(const Plan& plan, const Graph& graph, const std::vector<HostObservation>& observations,
                  bool agreed) {
  const auto& options = shop_.options;
  if (options.format == Format::text) show_plan(plan, options, shop_.console);
  if (!plan.refusals.empty()) {
    if (options.format != Format::text)
      for (const auto& why : plan.refusals) shop_.console.show(why);
    return Exit::refused;
  }
  if (const auto missing = unapproved(plan, options.approved); !missing.empty()) {
    for (const auto& why : missing) shop_.console.show(why);
    return Exit::refused;
  }
  if (plan.has_writes() && !agreed && !approved(plan)) return Exit::refused;
  run_ = new_run();
  const auto on_failure = options.on_failure == AfterFailure::go_on ? OnFailure::go_on : OnFailure::stop;
  const ApplyOptions how{
      {.lock_timeout = options.lock_timeout, .holder = holder(run_), .lock = &shop_.lock}, run_, on_failure};
  Progress progress(shop_.console.progress_kind());
  const auto sum = plan.summary();
  progress.applying(sum.create + sum.update + sum.remove);
  const auto outcomes =
      apply_plan(plan, graph, observations, shop_.workspace.registry(), shop_.fleet, how, progress);
  progress.finish();
  report(plan, outcomes);
  half_made_ = done_in_vain(plan, outcomes);
  return status_of(plan, outcomes);
}

bool Carrier::approved(const Plan& plan) {
  const auto jobs = shop_.workspace.manifest().policy.jobs == JobPolicy::prompt ? touched_jobs(plan) : "";
  if (shop_.options.auto_approve && jobs.empty()) return true;
  if (!Console::can_ask()) {
    shop_.console.show(
        jobs.empty()
            ? Error{"Nobody is there to agree", "stdin is no terminal",
                    "say --auto-approve, or apply a saved plan"}
            : Error{"Nobody is there to agree",
                    fmt::format("{} would feel it, and policy.jobs wants somebody to be asked", jobs),
                    "run it on a terminal, or apply a saved plan"});
    return false;
  }
  if (!jobs.empty()) shop_.console.say(fmt::format("Jobs would feel this: {}.\n", jobs));
  const bool yes =
      shop_.console.approve(fmt::format("Carry this plan out on {}?", shown(plan.source.cluster)));
  if (!yes) shop_.console.say("Nothing was done.\n");
  shop_.fleet.drop_all();  // sessions may have ended while the question was open
  return yes;
}

void Carrier::report(const Plan& plan, const Outcomes& outcomes) const {
  if (shop_.options.format == Format::json)
    shop_.console.answer(dump(outcomes_json(plan, outcomes), 1) + '\n');
  else if (plan.has_writes() || !outcomes.troubles.empty())
    shop_.console.answer(outcomes_text(plan, outcomes, shop_.console.answer_style()));
}

Exit Carrier::status_of(const Plan& plan, const Outcomes& outcomes) {
  using Status = Outcome::Status;
  std::set<Exit> all;
  failed_ =
      outcomes.count(Status::failed) + outcomes.count(Status::skipped) > 0 || !outcomes.troubles.empty();
  const bool blocked = std::ranges::any_of(plan.changes, [](const Change& c) { return c.is_stuck(); });
  if (outcomes.locked) all.insert(Exit::locked);
  if (outcomes.count(Status::stale) > 0) all.insert(Exit::stale);
  if (outcomes.taken_back()) all.insert(Exit::rolled_back);
  if (failed_ && !outcomes.may_have_written() && !outcomes.taken_back() && !outcomes.locked)
    all.insert(Exit::error);
  if (failed_ || blocked || outcomes.interrupted) all.insert(Exit::partly);
  if (!plan.unchecked.empty()) all.insert(Exit::incomplete);
  return most_telling(all);
}

}  // namespace tidelock
