#include "engine/probe/observer.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// A family that asks more often than this is in a circle.
constexpr int most_rounds = 4;

LedgerState ledger_of(const std::vector<std::string>& records) {
  const std::string word = records.empty() ? "" : records.front();
  if (word == "none") return NoLedger{};
  if (word == "lost") return LostLedger{};
  if (word == "ledger" && records.size() == 2) return parse_ledger(records[1]);
  if (word == "unreadable")
    return BrokenLedger{"it is not readable for this user; root, or become: sudo, is needed"};
  return BrokenLedger{"the host's answer makes no sense"};
}

/// One family on one host, with what has been asked and answered so far.
struct Conversation {
  FamilySubjects family;
  std::vector<ProbeOutput> answers;
  std::optional<Probe> open;  ///< the question that waits for its answer
  Reading reading;
};

std::string unknown_reason(const Error& error) { return one_line(error); }

void all_unknown(Conversation& conversation, const std::string& reason) {
  conversation.reading.findings.clear();
  conversation.reading.findings.resize(conversation.family.subjects.size());
  for (auto& finding : conversation.reading.findings) finding.observation = Unknown{reason};
  conversation.open.reset();
}

class HostObserver {
 public:
  HostObserver(const GraphHost& host, std::span<const std::size_t> items,
               const std::map<std::size_t, std::string>& memories, const Registry& registry,
               Interview& interview, const ProbeOptions& options)
      : host_(host), memories_(memories), interview_(interview), options_(options) {
    result_.host = host.node->name;
    for (auto& family : by_family(*host_.blueprint, items, registry)) {
      auto first = family.provider->probe(family.subjects, options_);
      conversations_.push_back({std::move(family), {}, std::move(first), {}});
    }
  }

  HostObservation observe() && {
    for (int round = 0; round < most_rounds && (round == 0 || open()); ++round)
      if (auto asked = ask(round); !asked) return unreachable_host(host_, std::move(asked.error()));
    collect();
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool open() const {
    return std::ranges::any_of(conversations_, [](const Conversation& c) { return c.open.has_value(); });
  }

  Result<void> ask(int round) {
    std::vector<Question> questions;
    if (round == 0) questions.push_back(ledger_question());
    for (const auto& conversation : conversations_)
      if (conversation.open)
        questions.push_back({std::string(conversation.family.provider->family()), *conversation.open});
    auto answers = interview_.ask(questions);
    if (!answers) return std::unexpected(answers.error());
    if (round == 0) take_ledger(*answers);
    for (auto& conversation : conversations_)
      if (conversation.open) take_answer(conversation, *answers);
    return {};
  }

  void take_ledger(const Answers& answers) {
    const auto answer = answers.find(ledger_section);
    const bool came = answer != answers.end() && answer->second.has_value();
    result_.ledger = came ? ledger_of(answer->second->records) : BrokenLedger{"it could not be read"};
    if (std::holds_alternative<BrokenLedger>(result_.ledger)) result_.ledger_digest = "any";
    if (readable(result_.ledger) != nullptr)
      result_.ledger_digest = sha256_hex(answer->second->records.at(1));
    for (auto& conversation : conversations_) remind(conversation.family);
  }

  void remind(FamilySubjects& family) {
    const auto* ledger = readable(result_.ledger);
    for (std::size_t i = 0; i < family.subjects.size(); ++i) {
      auto& subject = family.subjects[i];
      if (const auto known = memories_.find(family.items[i]); known != memories_.end())
        subject.memory = known->second;
      else if (const auto* entry = ledger == nullptr
                                       ? nullptr
                                       : ledger->find(subject.declaration->kind, subject.declaration->name))
        subject.memory = entry->memory;
    }
  }

  void take_answer(Conversation& conversation, Answers& answers) {
    const auto& provider = *conversation.family.provider;
    const auto answer = answers.find(provider.family());
    if (answer == answers.end()) return all_unknown(conversation, "the host did not answer this question");
    if (!answer->second) return all_unknown(conversation, unknown_reason(answer->second.error()));
    conversation.answers.push_back(std::move(*answer->second));
    conversation.reading = provider.read(conversation.family.subjects, conversation.answers, options_);
    conversation.open = std::exchange(conversation.reading.question, std::nullopt);
  }

  void collect() {
    result_.findings.resize(host_.blueprint->items.size());
    for (auto& finding : result_.findings) finding.observation = Unknown{"nobody looked"};
    for (auto& conversation : conversations_) {
      for (std::size_t i = 0; i < conversation.reading.findings.size(); ++i)
        result_.findings.at(conversation.family.items.at(i)) = std::move(conversation.reading.findings[i]);
      std::ranges::move(conversation.reading.extras, std::back_inserter(result_.extras));
    }
  }

  const GraphHost& host_;
  const std::map<std::size_t, std::string>& memories_;
  Interview& interview_;
  const ProbeOptions& options_;
  std::vector<Conversation> conversations_;
  HostObservation result_;
};

}  // namespace

std::vector<FamilySubjects> by_family(const Blueprint& blueprint, std::span<const std::size_t> items,
                                      const Registry& registry) {
  std::vector<FamilySubjects> families;
  for (const auto& provider : registry.all()) {
    FamilySubjects family{.provider = provider.get(), .subjects = {}, .items = {}};
    for (const auto item : items) {
      const auto& declaration = *blueprint.items.at(item).declaration;
      if (!holds(provider->kinds(), std::string_view(declaration.kind))) continue;
      family.subjects.push_back({&declaration, {}});
      family.items.push_back(item);
    }
    if (!family.subjects.empty()) families.push_back(std::move(family));
  }
  return families;
}

HostObservation observe_host(const GraphHost& host, const Registry& registry, Interview& interview,
                             const ProbeOptions& options) {
  std::vector<std::size_t> all(host.blueprint->items.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return HostObserver(host, all, {}, registry, interview, options).observe();
}

HostObservation observe_items(const GraphHost& host, std::span<const std::size_t> items,
                              const std::map<std::size_t, std::string>& memories, const Registry& registry,
                              Interview& interview, const ProbeOptions& options) {
  return HostObserver(host, items, memories, registry, interview, options).observe();
}

HostObservation unreachable_host(const GraphHost& host, Error error) {
  HostObservation observation;
  observation.host = host.node->name;
  observation.unreachable = std::move(error);
  return observation;
}

}  // namespace tidelock
