#include "engine/apply/host_writer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/apply/boundary.hpp"
#include "engine/apply/envelope.sh.hpp"
#include "engine/apply/history.sh.hpp"
#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/probe/frames.hpp"
#include "engine/probe/prelude.sh.hpp"

namespace tidelock {
namespace {

constexpr std::size_t nonce_bytes = 16;
constexpr std::chrono::seconds patience{30};
constexpr std::chrono::seconds keeping_limit{600};  // a copy, where no link is possible

using Reason = BatchFailure::Reason;

/// The resources of a batch by family, in the order in which their answers come.
struct Check {
  const Provider* provider = nullptr;
  std::vector<const Change*> changes;
  std::vector<Subject> subjects;
  std::optional<Probe> probe;
};

std::vector<Check> checks_for(const Batch& batch, const Registry& registry) {
  std::vector<Check> checks;
  for (const auto& provider : registry.all()) {
    Check check{.provider = provider.get(), .changes = {}, .subjects = {}, .probe = {}};
    for (const auto* change : batch.changes) {
      if (!holds(provider->kinds(), std::string_view(change->declaration->kind))) continue;
      check.changes.push_back(change);
      check.subjects.push_back({.declaration = change->declaration.get(),
                                .memory = change->memory,
                                .leaving = change->cause == Cause::orphan,
                                .payload = change->payload.get()});
    }
    if (!check.subjects.empty())
      check.probe = provider->probe(check.subjects, {.rehash = false, .details = false});
    if (check.probe) checks.push_back(std::move(check));
  }
  return checks;
}

std::string local_needs(const PlannedStep& step, const std::vector<std::size_t>& batch) {
  std::vector<std::string> needs;
  for (const auto needed : step.needs)
    if (holds(batch, needed)) needs.push_back(fmt::to_string(needed));
  return join(needs, " ");
}

/// The conversation of one writing exec.
class Conversation {
 public:
  Conversation(Session& session, const Registry& registry, const HostWriter::Settings& settings,
               const Batch& batch, const std::vector<PlannedStep>& steps)
      : session_(session),
        settings_(settings),
        batch_(batch),
        steps_(steps),
        program_(random_hex(nonce_bytes)),
        frames_(program_.nonce()),
        checks_(checks_for(batch, registry)) {}

  BatchResult run() && {
    compose();
    (void)(start() && lock() && look_again() && go() && store() && history() && trim_history() && receipts());
    return std::move(result_);
  }

  BatchResult announce() && {
    begin();
    program_.call("tl_raise_fence").call("tl_begin", {"raised"}).finish("tl_end", "raised");
    (void)(start() && lock() && next_section(patience) && still_ours());
    return std::move(result_);
  }

 private:
  bool start() {
    at_boundary("before a program is started");
    auto exchange = session_.start(program_, Deadline::in(patience));
    if (!exchange) return fail(Reason::broken, exchange.error());
    exchange_ = std::move(*exchange);
    return true;
  }

  void begin() {
    const auto fence = settings_.lock == nullptr ? 0 : settings_.lock->fence();
    program_.define(embedded::probe_prelude_sh).define(embedded::apply_envelope_sh);
    program_.call("tl_setup")
        .call("tl_lock",
              {fmt::to_string(settings_.lock_timeout.count()), settings_.holder, fmt::to_string(fence)});
  }

  void compose() {
    begin();
    for (const auto& check : checks_) {
      program_.call("tl_begin", {std::string(check.provider->family())});
      for (const auto& script : check.probe->scripts) program_.call("tl_feed", {}, script);
      program_.finish("tl_end", check.provider->family());
    }
    program_.converse("tl_await_go").converse("tl_store_ledger", {batch_.ledger_digest});
    mark_boundary(program_);
    if (!batch_.history.lines.empty()) {
      program_.call("tl_must", {"history"}, history_script()).define(embedded::apply_history_sh);
      mark_boundary(program_);
    }
    if (batch_.trim) {
      program_.call("tl_must", {"trim"}, trim_script());
      mark_boundary(program_);
    }
    for (const auto index : batch_.steps) {
      const auto& step = steps_[index];
      program_.call("tl_step", {fmt::to_string(index), local_needs(step, batch_.steps)},
                    std::get<ScriptStep>(step.step.action).script);
      mark_boundary(program_);
    }
  }

  [[nodiscard]] Script history_script() const {
    Script script(embedded::apply_history_sh, "tl_history_record");
    script.argument(batch_.run);
    for (const auto& word : batch_.history.keep) script.argument(word);
    return std::move(script).input(batch_.history.lines);
  }

  [[nodiscard]] Script trim_script() const {
    constexpr std::int64_t kilobyte = 1000;
    return Script(embedded::apply_history_sh, "tl_history_trim")
        .argument(fmt::to_string(batch_.trim->runs))
        .argument(fmt::to_string(batch_.trim->bytes / kilobyte));
  }

  bool fail(Reason reason, Error error) {
    result_.failure = BatchFailure{reason, std::move(error)};
    return false;
  }

  /// Waits for the end of the next section; none when the conversation is over.
  std::optional<FrameReader::Section> next_section(std::chrono::seconds limit) {
    auto deadline = Deadline::in(limit);
    for (;;) {
      while (auto event = frames_.next()) {
        if (auto* section = std::get_if<FrameReader::Section>(&*event)) return std::move(*section);
        if (std::holds_alternative<FrameReader::Overflow>(*event)) {
          fail(Reason::broken, {"Host said too much", "its answer has no end", {}});
          return std::nullopt;
        }
        heard_ = true;
        deadline = Deadline::in(limit);
      }
      auto bytes = exchange_->read(deadline);
      if (!bytes || bytes->empty()) {
        fail(Reason::broken, bytes ? ended() : bytes.error());
        return std::nullopt;
      }
      frames_.feed(*bytes);
    }
  }

  [[nodiscard]] Error ended() const {
    if (!heard_) return did_not_start(*exchange_);
    return {"Host stopped in the middle of its work", printable(trim(exchange_->errors())), {}};
  }

  bool lock() {
    auto section = next_section(settings_.lock_timeout + patience);
    if (!section) return false;
    if (section->status == 0) return true;
    const auto& said = section->records;
    const std::string what = said.size() > 1 ? said[1] : "";
    if (!said.empty() && said[0] == "busy")
      return fail(Reason::locked, {"Host is locked by another apply", printable(what),
                                   "wait for it to end, or give it more time with --lock-timeout"});
    if (!said.empty() && said[0] == "overtaken")
      return fail(Reason::locked,
                  {"Overtaken by another apply", "the host obeys a later one already", "make a new plan"});
    return fail(Reason::refused, {"Host does not let us keep our ledger", printable(trim(what)),
                                  "root is needed: log in as root, or set connection.become to sudo"});
  }

  bool look_again() {
    for (const auto& check : checks_) {
      auto section = next_section(check.probe->limit + patience);
      if (!section) return false;
      const std::vector<ProbeOutput> answers{{std::move(section->records), section->status}};
      const auto reading = check.provider->read(check.subjects, answers, {.rehash = false, .details = false});
      for (std::size_t i = 0; i < check.changes.size(); ++i)
        if (reading.findings.at(i).fingerprint != check.changes[i]->fingerprint)
          return moved(*check.changes[i]);
    }
    return true;
  }

  bool moved(const Change& change) {
    return fail(Reason::stale, {"Host changed since it was looked at",
                                fmt::format("{} {} is not as the plan saw it; nothing was written",
                                            change.declaration->kind, shown(change.declaration->name)),
                                "make a new plan"});
  }

  bool still_ours() {
    if (settings_.lock == nullptr || settings_.lock->holds()) return true;
    return fail(Reason::locked, {"The cluster's lock was lost",
                                 "this program was stopped, or cut off from the lock host, for too long; "
                                 "nothing was written",
                                 "make a new plan"});
  }

  bool go() {
    const auto ready = next_section(patience);
    if (!ready) return false;
    at_boundary("before the host may go on");
    if (!still_ours()) return false;
    result_.told_to_go = true;
    const bool sent = send(fmt::format("go {}\n", program_.nonce()));
    at_boundary("before the ledger is sent");
    return sent;
  }

  bool send(std::string_view bytes) {
    if (auto sent = exchange_->write(bytes, Deadline::in(patience)); !sent)
      return fail(Reason::broken, sent.error());
    return true;
  }

  bool store() {
    if (!send(fmt::format("{}\n{}", batch_.ledger.size(), batch_.ledger))) return false;
    const auto section = next_section(patience);
    if (!section) return false;
    pass_boundary(*exchange_, "after the ledger is stored");
    if (section->status == 0) return result_.started = true;
    if (!section->records.empty() && section->records[0] == "moved")
      return fail(Reason::stale, {"Host changed since it was looked at",
                                  "its ledger was written by another apply meanwhile; nothing was written",
                                  "make a new plan"});
    return fail(Reason::refused, {"Ledger could not be written", printable(trim(exchange_->errors())), {}});
  }

  /// Without a record of what was there before, nothing is changed.
  bool history() {
    if (batch_.history.lines.empty()) return true;
    const auto section = next_section(keeping_limit);
    if (!section) return false;
    pass_boundary(*exchange_, "after what was there before is kept");
    if (section->status == 0) return true;
    return fail(Reason::refused, {"What was there before could not be kept",
                                  section->records.empty() ? "" : printable(trim(section->records.front())),
                                  "free some space below /var/lib/tidelock"});
  }

  bool trim_history() {
    if (!batch_.trim) return true;
    const auto section = next_section(keeping_limit);
    if (!section) return false;
    pass_boundary(*exchange_, "after the history is trimmed");
    return true;
  }

  bool receipts() {
    for (const auto index : batch_.steps) {
      auto section = next_section(steps_[index].step.limit);
      if (!section) return false;
      pass_boundary(*exchange_, steps_[index].step.what);
      section->records.resize(3);
      const auto& said = section->records;
      result_.receipts[index] = {said[0] == "ran", section->status, std::string(trim(said[1])), said[2]};
    }
    return true;
  }

  Session& session_;
  const HostWriter::Settings& settings_;
  const Batch& batch_;
  const std::vector<PlannedStep>& steps_;
  ShellProgram program_;
  FrameReader frames_;
  std::vector<Check> checks_;
  std::unique_ptr<Exchange> exchange_;
  BatchResult result_;
  bool heard_ = false;
};

}  // namespace

BatchResult HostWriter::run(const Batch& batch, const std::vector<PlannedStep>& steps) const {
  return Conversation(session_, registry_, settings_, batch, steps).run();
}

BatchResult HostWriter::announce() const {
  return Conversation(session_, registry_, settings_, {}, {}).announce();
}

BatchResult HostWriter::store(const std::string& ledger, const std::string& ledger_digest,
                              std::optional<HistoryLimits> trim) const {
  Batch batch;
  batch.ledger = ledger;
  batch.ledger_digest = ledger_digest;
  batch.trim = trim;
  return Conversation(session_, registry_, settings_, batch, {}).run();
}

}  // namespace tidelock
