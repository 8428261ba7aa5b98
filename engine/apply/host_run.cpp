#include "engine/apply/host_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/apply/boundary.hpp"
#include "engine/apply/record.hpp"
#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

Ledger ledger_to_continue(const HostObservation& observation, const std::string& cluster,
                          const std::string& node_type) {
  const auto* ledger = readable(observation.ledger);
  auto result = ledger != nullptr ? *ledger : fresh_ledger(cluster);
  result.cluster = cluster;
  result.node_type = node_type;
  return result;
}

/// Line by line, without empty ones.
std::string printable_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n'))
    if (!trim(line).empty()) lines.push_back(printable(trim(line)));
  return join(lines, "\n");
}

Outcome not_tried(std::size_t change) {
  return {.change = change,
          .status = Outcome::Status::skipped,
          .step = {},
          .error = {"Not tried", "something it needs failed", {}}};
}

}  // namespace

HostRun::HostRun(const ApplyContext& context, const HostObservation& observation)
    : context_(context),
      observation_(observation),
      host_(*context.graph.find(observation.host)),
      ledger_(ledger_to_continue(observation, context.plan.source.cluster, host_.node->type)),
      ledger_digest_(observation.ledger_digest) {
  for (std::size_t i = 0; i < context.plan.changes.size(); ++i)
    if (context.plan.changes[i].host == name() && context.plan.changes[i].writes()) writes_.push_back(i);
}

void HostRun::connect() {
  auto session = context_.fleet.session(*host_.node);
  if (session) {
    session_ = *session;
    login_user_ = session_->login_user();
  } else {
    no_session_ = session.error();
  }
}

bool HostRun::announce() {
  if (session_ == nullptr) return false;
  if (context_.options.writer.lock == nullptr) return true;
  at_boundary("before the fence is raised");
  const auto result = HostWriter(*session_, context_.registry, context_.options.writer).announce();
  at_boundary("after the fence is raised");
  if (!result.failure) return true;
  if (result.failure->reason == BatchFailure::Reason::locked) locked_ = true;
  no_session_ = result.failure->error;
  session_ = nullptr;
  return false;
}

void HostRun::note(const PlannedStep& step, const Error& error, bool unknown, bool restored) {
  for (const auto change : step.changes)
    failures_.try_emplace(change, Failure{step.step.what, error, unknown, restored});
}

std::map<std::size_t, StepState> HostRun::run(const std::vector<std::size_t>& batch,
                                              const std::vector<PlannedStep>& steps) {
  if (session_ == nullptr) {
    States failed;
    for (const auto index : batch) {
      failed[index] = StepState::failed;
      note(steps[index], no_session_);
    }
    return failed;
  }
  const auto& first = steps[batch.front()];
  if (first.is_upload()) return {{batch.front(), upload(first)}};
  return run_scripts(batch, steps);
}

std::map<std::size_t, StepState> HostRun::run_scripts(const std::vector<std::size_t>& batch,
                                                      const std::vector<PlannedStep>& steps) {
  std::set<std::size_t> served;
  for (const auto index : batch) served.insert(steps[index].changes.begin(), steps[index].changes.end());
  const auto changes = changes_at({served.begin(), served.end()});
  context_.listener.step_started(name(), steps[batch.front()].step.what);
  auto intended = with_intents(ledger_, changes, changes_at(writes_), context_.options.run);
  const auto text = format_ledger(intended);
  Batch work;
  work.steps = batch;
  work.changes = changes;
  work.ledger = text;
  work.ledger_digest = ledger_digest_;
  work.run = context_.options.run;
  const auto changed = changed_by(batch, steps);
  work.history = history_entry(changes_at(changed), work.run, context_.options.writer.holder, recorded_);
  const auto result = HostWriter(*session_, context_.registry, context_.options.writer).run(work, steps);
  if (result.started) {
    recorded_ += changed.size();
    ledger_ = std::move(intended);
    ledger_digest_ = sha256_hex(text);
  }
  return take_result(result, batch, steps);
}

std::vector<std::size_t> HostRun::changed_by(const std::vector<std::size_t>& batch,
                                             const std::vector<PlannedStep>& steps) const {
  std::map<std::size_t, std::size_t> last;  // step of each change
  const auto host = steps[batch.front()].host;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i].host == host)
      for (const auto change : steps[i].changes) last[change] = i;
  std::vector<std::size_t> changes;
  for (const auto& [change, step] : last)
    if (holds(batch, step)) changes.push_back(change);
  return changes;
}

std::map<std::size_t, StepState> HostRun::take_result(const BatchResult& result,
                                                      const std::vector<std::size_t>& batch,
                                                      const std::vector<PlannedStep>& steps) {
  States states;
  const bool unknown =
      result.told_to_go && result.failure && result.failure->reason == BatchFailure::Reason::broken;
  for (const auto index : batch) {
    const auto& step = steps[index];
    const auto receipt = result.receipts.find(index);
    if (receipt == result.receipts.end()) {
      states[index] = StepState::failed;
      note(step, result.failure ? result.failure->error : Error{"Step has no receipt", {}, {}}, unknown);
    } else if (!receipt->second.ran) {
      states[index] = StepState::skipped;
    } else if (receipt->second.status != 0) {
      states[index] = StepState::failed;
      const bool back = receipt->second.status == taken_back;
      note(step,
           {back ? "Step failed, and what was there before is back" : "Step failed",
            fmt::format("exit {}: {}", receipt->second.status, printable_lines(receipt->second.messages)),
            {}},
           step.step.judged_by_sight, back);
    } else {
      states[index] = StepState::done;
      remember(step, receipt->second);
    }
  }
  if (result.failure && result.failure->reason == BatchFailure::Reason::locked) locked_ = true;
  if (result.failure && result.failure->reason == BatchFailure::Reason::stale)
    stale_.insert(writes_.begin(), writes_.end());
  if (result.failure && result.failure->reason == BatchFailure::Reason::broken) {
    context_.fleet.drop(*host_.node);  // a channel in an unknown state is of no more use
    session_ = nullptr;
    connect();
  }
  return states;
}

void HostRun::remember(const PlannedStep& step, const Receipt& receipt) {
  if (receipt.memory.empty() || step.changes.size() != 1) return;
  if (context_.plan.changes[step.changes.front()].cause == Cause::orphan) return;
  memories_[item_of(context_.plan.changes[step.changes.front()])] = receipt.memory;
}

StepState HostRun::upload(const PlannedStep& planned) {
  const auto& step = std::get<UploadStep>(planned.step.action);
  context_.listener.step_started(name(), planned.step.what);
  std::uint64_t reached = 0;
  const auto progress = [&](std::uint64_t bytes) {
    reached = bytes;
    context_.listener.uploaded(name(), planned.step.what, bytes, step.bytes);
  };
  const auto& transfers = context_.graph.manifest->transfers;
  const std::uint64_t rate = transfers.bandwidth ? static_cast<std::uint64_t>(*transfers.bandwidth) / 8 /
                                                       std::max(1U, transfers.parallel)
                                                 : 0;
  const Upload upload{step.source, step.name, step.stage, step.basis, rate, step.folder, step.exclude};
  at_boundary("before an upload");
  if (!announce()) {
    note(planned, no_session_);
    return StepState::failed;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto sent = session_->upload(upload, progress, Deadline::in(planned.step.limit));
  at_boundary("after an upload");
  bytes_sent_ += reached;
  if (sent) {
    experience(step.bytes, std::chrono::steady_clock::now() - began);
    return StepState::done;
  }
  note(planned, sent.error());
  return StepState::failed;
}

/// Small ones tell how long a connection takes to make, and not how quick it is.
void HostRun::experience(std::uint64_t bytes, std::chrono::nanoseconds took) {
  constexpr std::uint64_t worth_remembering = 1'000'000;
  if (bytes < worth_remembering) return;
  transfers_.bytes += bytes;
  transfers_.milliseconds += static_cast<std::uint64_t>(
      std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
}

std::size_t HostRun::item_of(const Change& change) const {
  const auto& items = host_.blueprint->items;
  const auto item =
      std::ranges::find_if(items, [&](const auto& i) { return i.declaration == change.declaration; });
  return static_cast<std::size_t>(item - items.begin());
}

std::vector<Outcome> HostRun::finish(const std::vector<PlannedStep>& steps,
                                     const std::vector<StepState>& states) {
  std::set<std::size_t> unfinished;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (states[i] != StepState::done) unfinished.insert(steps[i].changes.begin(), steps[i].changes.end());
  std::vector<Outcome> outcomes;
  if (!writes_.empty()) {
    at_boundary("before the host is looked at again");
    const auto seen = look_again(writes_);
    for (const auto change : writes_) {
      outcomes.push_back(judge(change, seen, !unfinished.contains(change)));
      context_.listener.change_finished(context_.plan.changes[change], outcomes.back());
    }
  }
  store_ledger(outcomes);
  return outcomes;
}

HostObservation HostRun::look_again(const std::vector<std::size_t>& changes) {
  if (session_ == nullptr) return unreachable_host(host_, no_session_);
  Focus focus{.items = {}, .memories = memories_, .orphans = {}};
  for (const auto index : changes) {
    const auto& change = context_.plan.changes[index];
    if (change.cause == Cause::orphan)
      focus.orphans.push_back(change.declaration);
    else
      focus.items.push_back(item_of(change));
  }
  LiveInterview interview(*session_);
  return observe_again(host_, focus, context_.registry, interview, {.rehash = false, .details = false});
}

std::vector<const Change*> HostRun::changes_at(const std::vector<std::size_t>& indices) const {
  std::vector<const Change*> changes;
  for (const auto index : indices) changes.push_back(&context_.plan.changes[index]);
  return changes;
}

std::vector<Outcome> HostRun::check_shared(const std::set<std::size_t>& done) {
  std::vector<Outcome> outcomes;
  std::vector<std::size_t> checked;
  for (std::size_t i = 0; i < context_.plan.changes.size(); ++i) {
    const auto& change = context_.plan.changes[i];
    if (change.host != name() || !change.checked_only || change.after.empty() ||
        change.action != Action::no_op)
      continue;
    if (std::ranges::all_of(change.after, [&](std::size_t writer) {
          return !context_.plan.changes[writer].writes() || done.contains(writer);
        }))
      checked.push_back(i);
    else
      outcomes.push_back(not_tried(i));
  }
  if (checked.empty()) return outcomes;
  const auto seen = look_again(checked);
  for (const auto change : checked) outcomes.push_back(judge(change, seen, true));
  return outcomes;
}

Outcome HostRun::judge(std::size_t index, const HostObservation& seen, bool all_done) {
  const auto failure = failures_.find(index);
  const bool failed = failure != failures_.end();
  if (!failed && !all_done) {
    auto outcome = not_tried(index);
    if (stale_.contains(index)) outcome.status = Outcome::Status::stale;
    return outcome;
  }
  Outcome outcome{.change = index, .status = Outcome::Status::failed, .step = {}, .error = {}};
  // Whether something has acted on its inputs, nobody can see.
  const bool visible =
      !seen.unreachable && !holds(context_.plan.changes[index].changed, std::string("inputs"));
  if (!failed || (failure->second.unknown && visible)) judge_by_sight(outcome, seen);
  if (failed && outcome.status == Outcome::Status::failed) {
    outcome.step = failure->second.step;
    outcome.taken_back = failure->second.taken_back;
    // What is still different says which part of a step was not done.
    const auto seen_to_differ = std::exchange(outcome.error, failure->second.error).detail;
    if (!seen_to_differ.empty()) outcome.error.detail = seen_to_differ + "; " + outcome.error.detail;
    outcome.may_be_done = failure->second.unknown && !visible;
    if (stale_.contains(index)) outcome.status = Outcome::Status::stale;
  }
  if (outcome.may_be_done) outcome.error.advice = "It may be done all the same: the next plan tells";
  return outcome;
}

void HostRun::judge_by_sight(Outcome& outcome, const HostObservation& seen) {
  const auto& change = context_.plan.changes[outcome.change];
  if (seen.unreachable) {
    outcome.step = "look at it again";
    outcome.error = *seen.unreachable;
    outcome.may_be_done = true;
    return;
  }
  if (change.action == Action::remove) return judge_removal(outcome, seen);
  auto again = compare(change.declaration, seen.findings.at(item_of(change)), nullptr);
  if (again.action == Action::no_op) {
    outcome.status = Outcome::Status::done;
    verified_.emplace(outcome.change, std::move(again));
    return;
  }
  outcome.error = {"Still different after the change",
                   again.changed.empty() ? again.blocked_because : "differs in " + join(again.changed, ", "),
                   {}};
}

void HostRun::judge_removal(Outcome& outcome, const HostObservation& seen) {
  const auto& change = context_.plan.changes[outcome.change];
  const auto orphan = std::ranges::find(seen.orphans, change.declaration, &Orphan::declaration);
  if (!std::holds_alternative<Absent>(orphan->finding.observation)) {
    outcome.error = {"Still there after it was deleted", {}, {}};
    return;
  }
  outcome.status = Outcome::Status::done;
  verified_.emplace(outcome.change, change);
}

void HostRun::store_ledger(const std::vector<Outcome>& outcomes) {
  std::vector<const Change*> settled;
  for (const auto& change : context_.plan.changes)
    if (change.host == name() && change.action == Action::no_op && !change.checked_only)
      settled.push_back(&change);
  for (const auto& outcome : outcomes)
    if (outcome.status == Outcome::Status::done) settled.push_back(&verified_.at(outcome.change));
  auto ledger = with_done(ledger_, settled, context_.options.run);
  if (transfers_.milliseconds > 0) ledger.transfers = ledger.transfers.with(transfers_);
  const bool unreadable = readable(observation_.ledger) == nullptr;
  const bool differs = ledger.entries != ledger_.entries || ledger.transfers != ledger_.transfers ||
                       observation_.ledger_renamed;
  const bool lacking = unreadable && !ledger.entries.empty();
  if (!differs && !lacking && recorded_ == 0) return;
  if (session_ == nullptr) connect();
  if (session_ == nullptr) return;
  const auto trim = recorded_ == 0 ? std::nullopt : std::optional(context_.graph.manifest->policy.history);
  const auto stored = HostWriter(*session_, context_.registry, context_.options.writer)
                          .store(format_ledger(ledger), ledger_digest_, trim);
  if (!stored.failure) return;
  trouble_ = stored.failure->error;
  if (stored.failure->reason == BatchFailure::Reason::locked) locked_ = true;
}

}  // namespace tidelock
