#pragma once

#include <string>
#include <vector>

#include "engine/apply/host_writer.hpp"
#include "engine/apply/listener.hpp"
#include "engine/apply/outcome.hpp"
#include "engine/probe/fleet.hpp"

namespace tidelock {

/// What a failure means for what has not begun yet.
enum class OnFailure : std::uint8_t {
  go_on,  ///< what does not need it is done all the same
  stop,   ///< nothing more is begun, on any host
};

struct ApplyOptions {
  HostWriter::Settings writer;
  std::string run;  ///< names this apply: in ledgers, in the hosts' histories, and in what it says
  OnFailure on_failure = OnFailure::go_on;
};

/// Carries a plan out, and nothing that is not in it. `observations` are those the plan was made from. Hosts
/// work side by side; the failure of one stops no other. Each change is looked at again before it counts as
/// done, and every host's ledger then says what was applied.
[[nodiscard]] Outcomes apply_plan(const Plan& plan, const Graph& graph,
                                  const std::vector<HostObservation>& observations, const Registry& registry,
                                  Fleet& fleet, const ApplyOptions& options, ApplyListener& listener);

}  // namespace tidelock
