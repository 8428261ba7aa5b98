#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/model/graph.hpp"
#include "engine/model/ledger.hpp"
#include "engine/model/observation.hpp"
#include "engine/probe/interview.hpp"

namespace tidelock {

/// All that was seen on one host.
struct HostObservation {
  std::string host;
  std::optional<Error> unreachable;  ///< then nothing else is known
  LedgerState ledger;
  /// SHA-256 of the ledger's bytes; "none" where there is none, "any" where it is of no use and may be
  /// replaced.
  std::string ledger_digest = "none";
  std::vector<Finding> findings;  ///< one an item of the host's blueprint, in its order
  std::vector<Extra> extras;
};

/// A blueprint's items by family: what one provider is asked about.
struct FamilySubjects {
  const Provider* provider = nullptr;
  std::vector<Subject> subjects;
  std::vector<std::size_t> items;  ///< of each subject, its place in the blueprint
};

/// Splits some of a blueprint's items by provider.
[[nodiscard]] std::vector<FamilySubjects> by_family(const Blueprint& blueprint,
                                                    std::span<const std::size_t> items,
                                                    const Registry& registry);

/// Asks a host about everything declared for it, and what the first answers leave open.
[[nodiscard]] HostObservation observe_host(const GraphHost& host, const Registry& registry,
                                           Interview& interview, const ProbeOptions& options);

/// Looks again at some items of the host's blueprint; the others' findings are Unknown. `memories` stand in
/// for what the ledger remembers of an item.
[[nodiscard]] HostObservation observe_items(const GraphHost& host, std::span<const std::size_t> items,
                                            const std::map<std::size_t, std::string>& memories,
                                            const Registry& registry, Interview& interview,
                                            const ProbeOptions& options);

/// The observation of a host that could not be asked.
[[nodiscard]] HostObservation unreachable_host(const GraphHost& host, Error error);

}  // namespace tidelock
