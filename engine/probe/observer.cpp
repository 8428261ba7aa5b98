#include "engine/probe/observer.hpp"

#include <algorithm>
#include <set>
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
  std::string section;  ///< what its questions are called
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

DeclarationPtr standing_on(const Declaration& recalled, const std::vector<ResourceKey>& needs) {
  auto declaration = std::make_shared<Declaration>(recalled);
  for (const auto& key : needs)
    if (!holds(declaration->after, key)) declaration->after.push_back(key);
  return declaration;
}

/// What the ledger holds of a host beyond its blueprint. Kinds that no provider knows are left alone: a newer
/// program may have recorded them.
std::vector<DeclarationPtr> orphans_of(const Ledger& ledger, const Blueprint& blueprint,
                                       const Registry& registry, std::vector<ResourceKey>& strange) {
  std::vector<DeclarationPtr> orphans;
  std::set<std::pair<std::string_view, std::string_view>> declared;
  for (const auto& item : blueprint.items) declared.emplace(item.declaration->kind, item.declaration->name);
  for (const auto& [key, entry] : ledger.entries) {
    if (declared.contains({key.kind, key.name})) continue;
    const auto* provider = registry.of_kind(key.kind);
    if (provider == nullptr) strange.push_back(key);
    const auto& remembered = entry.applied ? entry.applied : entry.intended;
    if (provider == nullptr || !remembered) continue;
    if (const auto recalled = provider->recall(key, *remembered, {}))
      orphans.push_back(standing_on(*recalled, entry.needs));
  }
  return orphans;
}

class HostObserver {
 public:
  HostObserver(const GraphHost& host, const Focus& focus, const Registry& registry, Interview& interview,
               const ProbeOptions& options)
      : host_(host), focus_(focus), registry_(registry), interview_(interview), options_(options) {
    result_.host = host.node->name;
    for (const auto& item : host.blueprint->items) declared_.push_back(item.declaration);
    options_.declared = declared_;
    for (auto& family : by_family(*host_.blueprint, focus.items, registry)) begin(std::move(family), "");
    add_orphans(focus.orphans);
  }

  /// Also asks about what the ledger holds beyond the blueprint.
  HostObserver&& with_orphans() && {
    look_for_orphans_ = true;
    return std::move(*this);
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

  void begin(FamilySubjects family, std::string_view suffix) {
    auto first = family.provider->probe(family.subjects, options_);
    auto section = std::string(family.provider->family()).append(suffix);
    conversations_.push_back({std::move(family), std::move(section), {}, std::move(first), {}});
  }

  void add_orphans(const std::vector<DeclarationPtr>& orphans) {
    for (const auto& orphan : orphans) result_.orphans.push_back({orphan, {}});
    for (auto& family : by_family(orphans, registry_)) {
      for (auto& subject : family.subjects) subject.stays = stays(*subject.declaration);
      remind(family);
      begin(std::move(family), "-leaving");
    }
  }

  [[nodiscard]] bool stays(const Declaration& declaration) const {
    const auto* ledger = readable(result_.ledger);
    const auto* entry = ledger == nullptr ? nullptr : ledger->find(declaration.kind, declaration.name);
    return entry != nullptr && (!entry->created || entry->protect);
  }

  Result<void> ask(int round) {
    std::vector<Question> questions;
    if (round == 0) questions.push_back(ledger_question());
    for (const auto& conversation : conversations_)
      if (conversation.open) questions.push_back({conversation.section, *conversation.open});
    auto answers = interview_.ask(questions);
    if (!answers) return std::unexpected(answers.error());
    const auto asked = conversations_.size();
    if (round == 0) take_ledger(*answers);
    for (std::size_t i = 0; i < asked; ++i)
      if (conversations_[i].open) take_answer(conversations_[i], *answers);
    return {};
  }

  void take_ledger(const Answers& answers) {
    const auto answer = answers.find(ledger_section);
    const bool came = answer != answers.end() && answer->second.has_value();
    result_.ledger = came ? ledger_of(answer->second->records) : BrokenLedger{"it could not be read"};
    if (std::holds_alternative<BrokenLedger>(result_.ledger)) result_.ledger_digest = "any";
    if (auto* ledger = std::get_if<Ledger>(&result_.ledger)) rename(*ledger);
    const auto* ledger = readable(result_.ledger);
    if (ledger != nullptr) result_.ledger_digest = sha256_hex(answer->second->records.at(1));
    for (auto& conversation : conversations_) remind(conversation.family);
    if (look_for_orphans_ && ledger != nullptr)
      add_orphans(orphans_of(*ledger, *host_.blueprint, registry_, result_.strange));
  }

  void rename(Ledger& ledger) {
    if (host_.moved == nullptr || host_.moved->empty()) return;
    auto changed = renamed(ledger, *host_.moved);
    result_.ledger_renamed = changed.cluster != ledger.cluster || changed.entries != ledger.entries;
    ledger = std::move(changed);
  }

  void remind(FamilySubjects& family) {
    const auto* ledger = readable(result_.ledger);
    for (std::size_t i = 0; i < family.subjects.size(); ++i) {
      auto& subject = family.subjects[i];
      const auto known = focus_.memories.find(family.items[i]);
      if (!family.leaving && known != focus_.memories.end())
        subject.memory = known->second;
      else if (const auto* entry = ledger == nullptr
                                       ? nullptr
                                       : ledger->find(subject.declaration->kind, subject.declaration->name))
        subject.memory = entry->memory;
    }
  }

  void take_answer(Conversation& conversation, Answers& answers) {
    const auto& provider = *conversation.family.provider;
    const auto answer = answers.find(conversation.section);
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
        place_of(conversation.family, i) = std::move(conversation.reading.findings[i]);
      if (conversation.family.leaving) continue;
      std::ranges::move(conversation.reading.extras, std::back_inserter(result_.extras));
      std::ranges::move(conversation.reading.remarks, std::back_inserter(result_.remarks));
      result_.away.merge(conversation.reading.away);
    }
    std::erase_if(result_.extras, [&](const Extra& extra) {
      return std::ranges::any_of(result_.orphans, [&](const Orphan& orphan) {
        return orphan.declaration->kind == extra.kind && orphan.declaration->name == extra.name;
      });
    });
  }

  Finding& place_of(const FamilySubjects& family, std::size_t subject) {
    const auto place = family.items.at(subject);
    return family.leaving ? result_.orphans.at(place).finding : result_.findings.at(place);
  }

  const GraphHost& host_;
  const Focus& focus_;
  const Registry& registry_;
  Interview& interview_;
  ProbeOptions options_;
  std::vector<DeclarationPtr> declared_;
  bool look_for_orphans_ = false;
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

std::vector<FamilySubjects> by_family(const std::vector<DeclarationPtr>& orphans, const Registry& registry) {
  std::vector<FamilySubjects> families;
  for (const auto& provider : registry.all()) {
    FamilySubjects family{.provider = provider.get(), .subjects = {}, .items = {}, .leaving = true};
    for (std::size_t i = 0; i < orphans.size(); ++i) {
      if (!holds(provider->kinds(), std::string_view(orphans[i]->kind))) continue;
      family.subjects.push_back({orphans[i].get(), {}, true});
      family.items.push_back(i);
    }
    if (!family.subjects.empty()) families.push_back(std::move(family));
  }
  return families;
}

HostObservation observe_host(const GraphHost& host, const Registry& registry, Interview& interview,
                             const ProbeOptions& options) {
  Focus all;
  for (std::size_t i = 0; i < host.blueprint->items.size(); ++i) all.items.push_back(i);
  return HostObserver(host, all, registry, interview, options).with_orphans().observe();
}

HostObservation observe_again(const GraphHost& host, const Focus& focus, const Registry& registry,
                              Interview& interview, const ProbeOptions& options) {
  return HostObserver(host, focus, registry, interview, options).observe();
}

HostObservation unreachable_host(const GraphHost& host, Error error) {
  HostObservation observation;
  observation.host = host.node->name;
  observation.unreachable = std::move(error);
  return observation;
}

}  // namespace tidelock
