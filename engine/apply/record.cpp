#include "engine/apply/record.hpp"

namespace tidelock {
namespace {

/// A missing parent that we made is nobody's resource.
bool recorded(const Change& change) { return !change.declaration->implied; }

void record_done(LedgerEntry& entry, const Ledger& ledger, const Change& change, const std::string& run) {
  LedgerEntry updated = entry;
  updated.applied = ledger.stored(change.declaration->attributes);
  updated.intended.reset();
  updated.protect = change.declaration->protect;
  updated.memory = change.memory;
  if (updated == entry) return;
  updated.run = run;
  entry = std::move(updated);
}

}  // namespace

Ledger with_intents(Ledger ledger, std::span<const Change* const> changes, const std::string& run) {
  for (const auto* change : changes) {
    if (!recorded(*change) || !change->writes()) continue;
    auto stored = ledger.stored(change->declaration->attributes);
    auto& entry = ledger.entries[{change->declaration->kind, change->declaration->name}];
    entry.intended = std::move(stored);
    entry.created = entry.created || change->action == Action::create;
    entry.run = run;
  }
  return ledger;
}

Ledger with_done(Ledger ledger, std::span<const Change* const> changes, const std::string& run) {
  for (const auto* change : changes)
    if (recorded(*change) && change->action != Action::blocked)
      record_done(ledger.entries[{change->declaration->kind, change->declaration->name}], ledger, *change,
                  run);
  return ledger;
}

}  // namespace tidelock
