#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/model/address.hpp"
#include "engine/model/change.hpp"
#include "engine/model/graph.hpp"
#include "engine/model/observation.hpp"
#include "engine/probe/observer.hpp"

namespace tidelock {

/// Where the desired state came from.
struct PlanSource {
  std::string manifest;               ///< path of the manifest's first file
  std::string manifest_digest;        ///< SHA-256 over all its files
  std::optional<std::string> commit;  ///< of the repository it lies in; none outside of git
  bool modified = false;              ///< the work tree differs from that commit
  std::string cluster;
};

/// Something that could not be looked at.
struct Unchecked {
  std::string host;
  std::optional<Address> address;  ///< none when it is the whole host
  std::string reason;              ///< folds over hosts
  std::string detail;
  std::string advice;
};

/// A host that does not answer and is not expected to; it converges when it returns.
struct Away {
  std::string host;
  std::string reason;  ///< who says so, and why
};

/// Something about a host that is worth a line and is no change: a lost ledger.
struct Remark {
  std::string host;
  std::string text;
};

struct PlanExtra {
  std::string host;
  Extra extra;
};

struct PlanSummary {
  std::size_t create = 0, update = 0, remove = 0, no_op = 0, blocked = 0;
};

/// What is to be done, and why. Constant once made.
struct Plan {
  PlanSource source;
  std::vector<Change> changes;  ///< no-ops included; what something needs stands before it
  std::vector<Unchecked> unchecked;
  std::vector<Away> away;
  std::vector<Remark> remarks;
  std::vector<PlanExtra> extras;
  std::vector<Error> refusals;  ///< why it must not be applied
  std::size_t hosts = 0;        ///< looked at, or tried
  std::string back_before;      ///< of a rollback: the run before which everything is to be as it was
  /// `expected_transfer_seconds`: how long the bytes to send will take.
  std::optional<std::uint64_t> transfer_seconds;

  [[nodiscard]] PlanSummary summary() const;
  /// Nothing to do, and everything was looked at.
  [[nodiscard]] bool converged() const;
  [[nodiscard]] bool has_writes() const;
};

/// Which part of the desired state a run is about. Empty members select everything.
struct Selection {
  std::vector<std::string> targets;   ///< address globs
  std::vector<std::string> excludes;  ///< address globs
  std::vector<std::string> kinds;
  std::vector<std::string> hosts;

  [[nodiscard]] bool everything() const {
    return targets.empty() && excludes.empty() && kinds.empty() && hosts.empty();
  }
  [[nodiscard]] bool covers(const Address& address) const;
  [[nodiscard]] bool covers_host(std::string_view host) const;
};

/// Compares what is declared with what was seen and with what was last applied. `observations` are those of
/// the graph's hosts, in any order; hosts without one are not part of the plan.
[[nodiscard]] Plan make_plan(const Graph& graph, const std::vector<HostObservation>& observations,
                             const Selection& selection);

/// The change that one finding calls for. `entry` is what the host's ledger says of the resource, or null.
[[nodiscard]] Change compare(const DeclarationPtr& declaration, const Finding& finding, const Ledger* ledger);

/// What becomes of something that is no longer declared: deleted when we made it, released when it was there
/// before us or is gone. `protect` outlives the declaration.
[[nodiscard]] Change compare_orphan(const Orphan& orphan, const LedgerEntry& entry);

}  // namespace tidelock
