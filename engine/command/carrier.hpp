#pragma once

#include <string>
#include <vector>

#include "engine/apply/applier.hpp"
#include "engine/command/locking.hpp"
#include "engine/command/workspace.hpp"

namespace tidelock {

/// What a verb that writes works with, from its lock to its last word.
struct Workshop {
  const Options& options;
  const Console& console;
  const Workspace& workspace;
  Fleet& fleet;
  const ClusterLock& lock;
};

/// Shows a plan, asks, carries it out, and tells how that went.
class Carrier {
 public:
  explicit Carrier(const Workshop& shop) : shop_(shop) {}

  /// `agreed`: somebody has seen this plan before and nobody is to be asked.
  [[nodiscard]] Exit run(const Plan& plan, const Graph& graph,
                         const std::vector<HostObservation>& observations, bool agreed);
  /// Whether `run` came to writing and something did not end well.
  [[nodiscard]] bool failed() const { return failed_; }
  /// Addresses of groups (Declaration::together) of which some changes were done and others failed.
  [[nodiscard]] const std::vector<Address>& half_made() const { return half_made_; }
  /// What the last run is called in the hosts' histories.
  [[nodiscard]] const std::string& run_name() const { return run_; }

 private:
  [[nodiscard]] bool approved(const Plan& plan);
  void report(const Plan& plan, const Outcomes& outcomes) const;
  [[nodiscard]] Exit status_of(const Plan& plan, const Outcomes& outcomes);

  Workshop shop_;
  std::string run_;
  bool failed_ = false;
  std::vector<Address> half_made_;
};

}  // namespace tidelock
