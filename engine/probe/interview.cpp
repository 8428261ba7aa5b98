#include "engine/probe/interview.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/probe/frames.hpp"
#include "engine/probe/prelude.sh.hpp"

namespace tidelock {
namespace {

constexpr std::size_t nonce_bytes = 16;
constexpr std::chrono::seconds start_limit{20};  // sudo may ask a slow directory service

/// One exec: as many answers as came, and the number of questions that are settled by it.
class Round {
 public:
  Round(Session& session, std::span<const Question> questions, Answers& answers)
      : session_(session), questions_(questions), answers_(answers), frames_(random_hex(nonce_bytes)) {}

  Result<std::size_t> run() {
    const ShellProgram program = compose();
    frames_ = FrameReader(program.nonce());
    auto exchange = session_.start(program, Deadline::in(start_limit));
    if (!exchange) return std::unexpected(exchange.error());
    while (settled_ < questions_.size()) {
      auto bytes = (*exchange)->read(deadline_);
      if (!bytes || bytes->empty()) return give_up(bytes, **exchange);
      frames_.feed(*bytes);
      if (!take_events()) return settled_;
    }
    return settled_;
  }

 private:
  [[nodiscard]] ShellProgram compose() const {
    ShellProgram program(random_hex(nonce_bytes));
    program.define(embedded::probe_prelude_sh).call("tl_setup");
    for (const auto& question : questions_) {
      program.call("tl_begin", {question.section});
      for (const auto& script : question.probe.scripts) program.call("tl_feed", {}, script);
      program.finish("tl_end", question.section);
    }
    return program;
  }

  /// False when the exec is of no more use.
  bool take_events() {
    while (auto event = frames_.next()) {
      if (std::holds_alternative<FrameReader::Begin>(*event)) {
        started_ = true;
        deadline_ = Deadline::in(current().probe.limit);
      } else if (auto* section = std::get_if<FrameReader::Section>(&*event)) {
        settle(ProbeOutput{std::move(section->records), section->status});
      } else {
        settle(failure("Host said too much", fmt::format("the answer of {} has no end", current().section)));
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] const Question& current() const {
    return questions_[std::min(settled_, questions_.size() - 1)];
  }

  void settle(Result<ProbeOutput> answer) {
    if (settled_ == questions_.size()) return;  // a host that says more sections than it was asked for
    answers_.insert_or_assign(current().section, std::move(answer));
    ++settled_;
  }

  /// The stream ended or a deadline passed. Before the first section the host as a whole failed; inside one,
  /// that family did.
  Result<std::size_t> give_up(const Result<std::string>& read, const Exchange& exchange) {
    if (!started_) return std::unexpected(read ? did_not_start(exchange) : read.error());
    const bool late = !read && deadline_.passed();
    if (late)
      settle(failure(
          "Host took too long to answer",
          fmt::format("{} did not answer within {} s", current().section, current().probe.limit.count())));
    else if (read)
      settle(failure("Host stopped in the middle of an answer", printable(trim(exchange.errors()))));
    else
      return std::unexpected(read.error());
    return settled_;
  }

  Session& session_;
  std::span<const Question> questions_;
  Answers& answers_;
  FrameReader frames_;
  Deadline deadline_ = Deadline::in(start_limit);
  std::size_t settled_ = 0;
  bool started_ = false;
};

}  // namespace

Question ledger_question() {
  return {std::string(ledger_section), {{Script(embedded::probe_prelude_sh, "tl_ledger")}}};
}

Result<Answers> LiveInterview::ask(std::span<const Question> questions) {
  Answers answers;
  while (!questions.empty()) {
    const auto settled = Round(session_, questions, answers).run();
    if (!settled) return std::unexpected(settled.error());
    questions = questions.subspan(*settled);
  }
  return answers;
}

Error did_not_start(const Exchange& exchange) {
  const auto said = std::string(trim(exchange.errors()));
  if (said.starts_with("sudo:"))
    return {
        "sudo was refused", printable(said),
        "give this user the right to run sudo without a password, or set connection.user to one who has it"};
  return {"Host did not run our program",
          said.empty() ? "it closed the connection without a word" : printable(said),
          "log in by hand with the same user and look at what happens"};
}

}  // namespace tidelock
