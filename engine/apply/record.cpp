#include "engine/apply/record.hpp"

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// A missing parent that we made is nobody's resource.
bool recorded(const Change& change) { return !change.declaration->implied; }

ResourceKey key_of(const Change& change) { return {change.declaration->kind, change.declaration->name}; }

bool acts_on_inputs(const Change& change) { return holds(change.changed, std::string("inputs")); }

std::vector<ResourceKey> needs_of(const Declaration& declaration) {
  auto needs = declaration.after;
  for (const auto& input : declaration.inputs)
    if (!holds(needs, input)) needs.push_back(input);
  return needs;
}

void record_done(LedgerEntry& entry, const Ledger& ledger, const Change& change, const std::string& run) {
  LedgerEntry updated = entry;
  updated.applied = ledger.stored(change.declaration->attributes);
  updated.intended.reset();
  updated.protect = change.declaration->protect;
  updated.memory = change.memory;
  updated.needs = needs_of(*change.declaration);
  if (updated == entry) return;
  updated.run = run;
  entry = std::move(updated);
}

}  // namespace

Ledger with_intents(Ledger ledger, std::span<const Change* const> changes,
                    std::span<const Change* const> owed, const std::string& run) {
  for (const auto* change : changes) {
    if (!recorded(*change) || !change->writes()) continue;
    auto& entry = ledger.entries[key_of(*change)];
    if (change->action != Action::remove) entry.intended = ledger.stored(change->declaration->attributes);
    entry.created = entry.created || change->action == Action::create;
    if (entry.needs.empty()) entry.needs = needs_of(*change->declaration);
    entry.run = run;
  }
  for (const auto* change : owed) {
    if (!acts_on_inputs(*change)) continue;
    auto& entry = ledger.entries[key_of(*change)];
    entry.intended = ledger.stored(change->declaration->attributes);
    if (entry.applied) entry.applied->remove("inputs");
  }
  return ledger;
}

Ledger with_done(Ledger ledger, std::span<const Change* const> changes, const std::string& run) {
  for (const auto* change : changes) {
    if (!recorded(*change) || change->action == Action::blocked) continue;
    if (change->cause == Cause::orphan)
      ledger.entries.erase(key_of(*change));
    else
      record_done(ledger.entries[key_of(*change)], ledger, *change, run);
  }
  return ledger;
}

}  // namespace tidelock
