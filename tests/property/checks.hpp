#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/plan/plan.hpp"
#include "tests/property/traces.hpp"

namespace tidelock::property {

using Complaints = std::vector<std::string>;

/// The changes of one host that were to be made.
[[nodiscard]] std::vector<const Change*> writes_on(const Plan& plan, std::string_view host);

/// Whatever is not exactly as it was, times included.
[[nodiscard]] Complaints moved(const Traces& before, const Traces& after);

/// What an apply changed without having planned it.
[[nodiscard]] Complaints unplanned(const Traces& before, const Traces& after,
                                   const std::vector<const Change*>& writes);

/// What the apply said it had done and that is not to be seen.
[[nodiscard]] Complaints undone(const Traces& before, const Traces& after,
                                const std::vector<const Change*>& writes);

/// What applies made on one host: paths, and accounts as "/etc/passwd:name".
using Made = std::set<std::string>;

/// What is gone and was not made by an apply. Then `made` is what it is after this one.
[[nodiscard]] Complaints lost(const Traces& before, const Traces& after, Made& made);

/// Whether a rollback can undo this at all. What it cannot is left out here and nowhere else.
[[nodiscard]] bool can_be_rolled_back(const Change& change);

/// What a rollback of these changes did not bring back.
[[nodiscard]] Complaints not_brought_back(const Traces& before, const Traces& after,
                                          const std::vector<const Change*>& writes);

}  // namespace tidelock::property
