#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/apply/applier.hpp"
#include "engine/apply/schedule.hpp"

namespace tidelock {

/// What all hosts of an apply share.
struct ApplyContext {
  const Plan& plan;
  const Graph& graph;
  const Registry& registry;
  Fleet& fleet;
  const ApplyOptions& options;
  ApplyListener& listener;
};

/// One host's part of an apply. Its functions are called by one thread at a time; they talk to the host and
/// change nothing but this object.
class HostRun {
 public:
  HostRun(const ApplyContext& context, const HostObservation& observation);

  [[nodiscard]] const std::string& name() const { return observation_.host; }
  [[nodiscard]] StepContext step_context() const { return {login_user_, context_.options.run}; }
  /// Opens the session; without one every step of this host fails with the reason.
  void connect();
  /// Makes the host obey nobody whom we have overtaken. Before the first write on any host, and before what
  /// does not go through the host's lock. False when it is we who were overtaken, or the host is lost.
  bool announce();

  /// Runs these steps; the result says how each ended. `steps` is read only.
  [[nodiscard]] std::map<std::size_t, StepState> run(const std::vector<std::size_t>& batch,
                                                     const std::vector<PlannedStep>& steps);
  /// Looks at the changes again and writes the ledger. Call once, after the last step; gives the outcomes of
  /// this host's changes.
  [[nodiscard]] std::vector<Outcome> finish(const std::vector<PlannedStep>& steps,
                                            const std::vector<StepState>& states);
  /// Whether what other hosts wrote on shared file systems is to be seen here. Call when all hosts are
  /// finished; `done` are the changes that were carried out.
  [[nodiscard]] std::vector<Outcome> check_shared(const std::set<std::size_t>& done);

  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  [[nodiscard]] bool locked() const { return locked_; }
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  using States = std::map<std::size_t, StepState>;

  States run_scripts(const std::vector<std::size_t>& batch, const std::vector<PlannedStep>& steps);
  StepState upload(const PlannedStep& planned);
  States take_result(const BatchResult& result, const std::vector<std::size_t>& batch,
                     const std::vector<PlannedStep>& steps);
  /// The changes that this batch makes: those that no step after it serves. What comes before only prepares.
  [[nodiscard]] std::vector<std::size_t> changed_by(const std::vector<std::size_t>& batch,
                                                    const std::vector<PlannedStep>& steps) const;
  [[nodiscard]] std::vector<const Change*> changes_at(const std::vector<std::size_t>& indices) const;
  void remember(const PlannedStep& step, const Receipt& receipt);
  /// Why a step of a change did not do its work.
  struct Failure {
    std::string step;
    Error error;
    bool unknown = false;     ///< it may have done it: the host was lost
    bool taken_back = false;  ///< it has put back what was there before
  };
  void note(const PlannedStep& step, const Error& error, bool unknown = false, bool restored = false);
  [[nodiscard]] HostObservation look_again(const std::vector<std::size_t>& changes);
  [[nodiscard]] Outcome judge(std::size_t index, const HostObservation& seen, bool all_done);
  void judge_removal(Outcome& outcome, const HostObservation& seen);
  void judge_by_sight(Outcome& outcome, const HostObservation& seen);
  void store_ledger(const std::vector<Outcome>& outcomes);
  void experience(std::uint64_t bytes, std::chrono::nanoseconds took);
  [[nodiscard]] std::size_t item_of(const Change& change) const;

  ApplyContext context_;
  const HostObservation& observation_;
  const GraphHost& host_;
  std::vector<std::size_t> writes_;  ///< this host's writing changes, as indices into the plan
  Session* session_ = nullptr;
  Error no_session_;  ///< why there is none
  std::string login_user_;
  Ledger ledger_;  ///< as it is on the host
  std::string ledger_digest_;
  std::map<std::size_t, std::string> memories_;  ///< by item, what steps said
  std::map<std::size_t, Failure> failures_;      ///< by change
  std::map<std::size_t, Change> verified_;       ///< by change, as it was looked at again
  std::set<std::size_t> stale_;
  std::size_t recorded_ = 0;  ///< changes that are in the host's history
  std::optional<Error> trouble_;
  bool locked_ = false;
  std::uint64_t bytes_sent_ = 0;
  TransferMemory transfers_;  ///< of this run
};

}  // namespace tidelock
