#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "engine/apply/cluster_lock.hpp"
#include "engine/apply/history.hpp"
#include "engine/apply/schedule.hpp"
#include "engine/model/ledger.hpp"
#include "engine/probe/interview.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

/// What one writing exec does on a host.
struct Batch {
  std::vector<std::size_t> steps;      ///< indices into the schedule; script steps, in order
  std::vector<const Change*> changes;  ///< that these steps serve: looked at again before anything is written
  std::string ledger;                  ///< the ledger to put in place before the first step
  std::string ledger_digest;           ///< of the ledger that must be there now
  std::string run;                     ///< names this apply in the host's history
  HistoryEntry history;                ///< what is written there before the first step
  std::optional<HistoryLimits> trim;   ///< how much of the history is to be left afterwards
};

/// What a step said when it ended.
struct Receipt {
  bool ran = false;
  int status = 0;
  std::string memory;    ///< its stdout: what the provider wants to remember
  std::string messages;  ///< the end of its stderr
};

/// Why a batch wrote nothing, or not all.
struct BatchFailure {
  enum class Reason : std::uint8_t { refused, locked, stale, broken };
  Reason reason = Reason::broken;
  Error error;
};

struct BatchResult {
  std::map<std::size_t, Receipt> receipts;  ///< by step; a step without one may have run or not
  std::optional<BatchFailure> failure;
  bool told_to_go = false;  ///< from here on the host may have written
  bool started = false;     ///< the ledger with the intents is in place
};

/// Writes on one host: takes the lock there, looks whether everything is still as the plan saw it, puts the
/// ledger with the intents in place, and runs the steps. If anything moved, nothing is written.
class HostWriter {
 public:
  struct Settings {
    std::chrono::seconds lock_timeout{30};
    std::string holder;                 ///< who we are, for whoever finds the host locked
    const ClusterLock* lock = nullptr;  ///< must outlive the writer; null only in tests
  };

  HostWriter(Session& session, const Registry& registry, Settings settings)
      : session_(session), registry_(registry), settings_(std::move(settings)) {}

  [[nodiscard]] BatchResult run(const Batch& batch, const std::vector<PlannedStep>& steps) const;
  /// Tells the host our fencing number, so that nobody whom we have overtaken can write there any more. Fails
  /// when it is we who were overtaken.
  [[nodiscard]] BatchResult announce() const;
  /// Puts a ledger in place, and trims the history.
  [[nodiscard]] BatchResult store(const std::string& ledger, const std::string& ledger_digest,
                                  std::optional<HistoryLimits> trim = {}) const;

 private:
  Session& session_;
  const Registry& registry_;
  Settings settings_;
};

}  // namespace tidelock
