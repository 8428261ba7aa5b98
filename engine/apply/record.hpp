#pragma once

#include <span>
#include <string>

#include "engine/apply/outcome.hpp"
#include "engine/model/ledger.hpp"
#include "engine/plan/plan.hpp"

namespace tidelock {

/// The ledger as it must be on a host before the first of these changes is made there: what is intended.
/// `owed` are the host's writing changes that have yet to be made: those that act on inputs owe that from now
/// on, whatever happens.
[[nodiscard]] Ledger with_intents(Ledger ledger, std::span<const Change* const> changes,
                                  std::span<const Change* const> owed, const std::string& run);

/// The ledger after these changes were carried out and looked at again; also for no-ops, which are recorded
/// as they are found. What was deleted or released is not in it. Returns the same ledger when there is
/// nothing new to record.
[[nodiscard]] Ledger with_done(Ledger ledger, std::span<const Change* const> changes, const std::string& run);

}  // namespace tidelock
