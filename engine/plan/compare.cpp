#include <algorithm>

#include <fmt/format.h>

#include "engine/plan/plan.hpp"

namespace tidelock {
namespace {

/// `inputs` is nothing that a host could show: the ledger alone knows what was acted on.
constexpr std::string_view inputs = "inputs";

bool compared(const Declaration& declaration, std::string_view attribute) {
  return attribute != inputs && !declaration.ignore.contains(attribute);
}

std::vector<std::string> differing(const Declaration& declaration, const Attributes& living) {
  std::vector<std::string> names;
  for (const auto& [name, wanted] : declaration.attributes) {
    const auto* seen = living.find(name);
    if (compared(declaration, name) && (seen == nullptr || *seen != wanted)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> names_of(const Attributes& attributes) {
  std::vector<std::string> names;
  for (const auto& entry : attributes) names.push_back(entry.first);
  return names;
}

/// Whether the living attributes are still what was applied, as far as both know them.
bool moved_since(const Attributes& applied, const Attributes& living_stored) {
  return std::ranges::any_of(applied, [&](const auto& entry) {
    const auto* seen = living_stored.find(entry.first);
    return seen != nullptr && *seen != entry.second;
  });
}

/// Whether an apply set out to act on these inputs, or on other ones, and did not report that it did. What
/// comes out of a host's history does not know their digest: it acts on what is brought back with it.
bool inputs_are_owed(const Declaration& declaration, const Ledger* ledger) {
  const bool known = declaration.attributes.find(inputs) != nullptr;
  if (!known || declaration.inputs.empty() || ledger == nullptr) return false;
  const auto* entry = ledger->find(declaration.kind, declaration.name);
  if (entry == nullptr) return false;
  const auto wanted = ledger->stored(declaration.attributes);
  const auto* applied = entry->applied ? entry->applied->find(inputs) : nullptr;
  return applied == nullptr || *applied != *wanted.find(inputs);
}

Cause cause_of(const Declaration& declaration, const Attributes* living, const Ledger* ledger) {
  const auto* entry = ledger == nullptr ? nullptr : ledger->find(declaration.kind, declaration.name);
  if (entry == nullptr || !entry->applied) return living == nullptr ? Cause::fresh : Cause::adopt;
  const bool manifest_moved = *entry->applied != ledger->stored(declaration.attributes);
  const bool host_moved = living == nullptr || moved_since(*entry->applied, ledger->stored(*living));
  if (manifest_moved && host_moved) return Cause::both;
  return manifest_moved ? Cause::manifest : Cause::drift;
}

void block(Change& change, std::string reason) {
  change.action = Action::blocked;
  change.blocked_because = std::move(reason);
}

void apply_limits(Change& change, const Declaration& declaration, const Finding& finding) {
  if (!change.writes()) return;
  if (finding.obstacle)
    block(change, finding.obstacle->text);
  else if (declaration.detect_only)
    block(change, "detect_only: differences are shown and never mended");
}

void take_consequences(Change& change, const Finding& finding) {
  change.before_images = finding.before_images;
  change.disturbs = finding.disturbs;
  change.irreversible = finding.irreversible;
  change.approval = finding.approval;
  change.payload = finding.payload;
}

}  // namespace

Change compare(const DeclarationPtr& declaration, const Finding& finding, const Ledger* ledger) {
  Change change;
  change.declaration = declaration;
  change.fingerprint = finding.fingerprint;
  change.memory = finding.memory;
  if (const auto* unknown = std::get_if<Unknown>(&finding.observation)) {
    block(change, unknown->reason);
    return change;
  }
  const auto* present = std::get_if<Present>(&finding.observation);
  const auto* living = present == nullptr ? nullptr : &present->attributes;
  change.changed = living == nullptr ? names_of(declaration->attributes) : differing(*declaration, *living);
  if (living != nullptr && inputs_are_owed(*declaration, ledger)) change.changed.emplace_back(inputs);
  if (living != nullptr && change.changed.empty()) return change;
  change.action = living == nullptr ? Action::create : Action::update;
  change.cause = cause_of(*declaration, living, ledger);
  if (living != nullptr) change.before = *living;
  change.text_diff = finding.text_diff;
  change.bytes_to_send = finding.bytes_to_send;
  take_consequences(change, finding);
  apply_limits(change, *declaration, finding);
  return change;
}

Change compare_orphan(const Orphan& orphan, const LedgerEntry& entry) {
  const auto& finding = orphan.finding;
  Change change;
  change.declaration = orphan.declaration;
  change.cause = Cause::orphan;
  change.fingerprint = finding.fingerprint;
  if (const auto* unknown = std::get_if<Unknown>(&finding.observation)) {
    block(change, unknown->reason);
    change.cause = Cause::none;
    return change;
  }
  const auto* present = std::get_if<Present>(&finding.observation);
  if (present != nullptr) change.before = present->attributes;
  if (present == nullptr || !entry.created) {
    change.released = true;
    return change;
  }
  change.action = Action::remove;
  take_consequences(change, finding);
  change.kept = entry.protect;
  if (entry.protect)
    block(change, "it is protected; `forget` releases it");
  else if (finding.obstacle)
    block(change, finding.obstacle->text);
  return change;
}

}  // namespace tidelock
