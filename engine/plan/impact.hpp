#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/plan/plan.hpp"

namespace tidelock {

/// What a plan means to what runs on the cluster now.
struct Impact {
  /// One disturbance of one change of the plan.
  struct Item {
    const Change* change = nullptr;
    const Disturbance* disturbance = nullptr;
  };
  std::vector<Item> items;
  std::vector<const Change*> irreversible;  ///< changes of which a rollback does not bring everything back
  std::uint64_t bytes_to_send = 0;
  std::optional<std::uint64_t> transfer_seconds;  ///< Plan::transfer_seconds
};

/// Points into the plan, which must outlive it.
[[nodiscard]] Impact impact_of(const Plan& plan);

/// How long the plan's transfers will take, by what earlier ones took: the slowest host, or what all of them
/// need together through `transfers.parallel` and `transfers.bandwidth`, whichever is more. A host that never
/// was sent anything is taken for one like the others; none where no host ever was, or nothing is to be sent.
[[nodiscard]] std::optional<std::uint64_t> expected_transfer_seconds(
    const Plan& plan, const std::vector<HostObservation>& observations, const Transfers& transfers);

}  // namespace tidelock
