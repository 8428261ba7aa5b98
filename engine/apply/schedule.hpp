#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "engine/plan/plan.hpp"

namespace tidelock {

enum class StepState : std::uint8_t { waiting, running, done, failed, skipped };

/// A step in its place: on which host, for which changes, behind which other steps.
struct PlannedStep {
  std::size_t host = 0;              ///< index into Schedule::hosts
  std::vector<std::size_t> changes;  ///< indices into the plan
  std::vector<std::size_t> needs;    ///< indices of steps that come first, on any host
  Step step;

  [[nodiscard]] bool is_upload() const { return std::holds_alternative<UploadStep>(step.action); }
};

/// Everything that an apply does, before it does it. Steps that nothing holds back are handed out a batch a
/// host.
class Schedule {
 public:
  /// `contexts` are by host name. Steps of one change follow each other; those of a change follow those of
  /// every change that it comes after.
  Schedule(const Plan& plan, const Registry& registry, const std::vector<std::string>& hosts,
           const std::vector<StepContext>& contexts);

  /// Constant once the schedule is made; may be read by every thread.
  [[nodiscard]] const std::vector<PlannedStep>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<StepState>& states() const { return states_; }
  /// The host's next steps that can go together: scripts in one exec, or one upload. Empty when none is
  /// ready.
  [[nodiscard]] std::vector<std::size_t> ready(std::size_t host) const;
  /// No step of this host waits or runs.
  [[nodiscard]] bool finished(std::size_t host) const;
  void set_state(std::size_t step, StepState state) { states_.at(step) = state; }
  /// Gives up what this host has not begun.
  void skip_rest(std::size_t host);
  /// Steps that wait for one that failed will never run: they are skipped, on every host.
  void skip_doomed();

 private:
  void add_host(const Plan& plan, const Registry& registry, std::size_t host, const std::string& name,
                const StepContext& context);
  void link(const Plan& plan);
  void link_needs(const Plan& plan, const std::map<std::size_t, std::vector<std::size_t>>& serving,
                  std::size_t index);

  std::vector<PlannedStep> steps_;
  std::vector<StepState> states_;
  std::vector<std::vector<std::size_t>> of_host_;
};

}  // namespace tidelock
