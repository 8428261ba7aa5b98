#pragma once

#include <vector>

#include "engine/base/result.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/plan/plan.hpp"

namespace tidelock {

/// Why a plan must not be applied although it could be: it deletes more than `policy` allows, or the manifest
/// seems to be another one than the hosts know. Nothing has been touched then.
[[nodiscard]] std::vector<Error> refusals(const Plan& plan, const Graph& graph,
                                          const std::vector<HostObservation>& observations,
                                          const Policy& policy);

/// "job 17, job 18 and 3 more": running and pending jobs that the plan's changes touch; empty for none.
[[nodiscard]] std::string touched_jobs(const Plan& plan);

/// Changes that have to be named to be made (Change::approval) and are not among `approved`, which holds
/// addresses.
[[nodiscard]] std::vector<Error> unapproved(const Plan& plan, const std::vector<std::string>& approved);

}  // namespace tidelock
