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

/// What the ledger holds and nobody declares any more.
struct Orphan {
  DeclarationPtr declaration;  ///< as the ledger remembers it
  Finding finding;
};

/// All that was seen on one host.
struct HostObservation {
  std::string host;
  std::optional<Error> unreachable;  ///< then nothing else is known
  LedgerState ledger;
  /// SHA-256 of the ledger's bytes; "none" where there is none, "any" where it is of no use and may be
  /// replaced.
  std::string ledger_digest = "none";
  bool ledger_renamed = false;    ///< what is on the host still has old names
  std::vector<Finding> findings;  ///< one an item of the host's blueprint, in its order
  std::vector<Orphan> orphans;
  std::vector<ResourceKey> strange;  ///< what the ledger holds of kinds that no provider knows
  std::vector<Extra> extras;
  std::vector<std::string> remarks;         ///< Reading::remarks of all families
  std::map<std::string, std::string> away;  ///< Reading::away of all families
};

/// What one provider is asked about.
struct FamilySubjects {
  const Provider* provider = nullptr;
  std::vector<Subject> subjects;
  std::vector<std::size_t> items;  ///< of each subject, its place in the blueprint, or among the orphans
  bool leaving = false;            ///< orphans
};

/// Splits some of a blueprint's items by provider.
[[nodiscard]] std::vector<FamilySubjects> by_family(const Blueprint& blueprint,
                                                    std::span<const std::size_t> items,
                                                    const Registry& registry);

/// The same for orphans.
[[nodiscard]] std::vector<FamilySubjects> by_family(const std::vector<DeclarationPtr>& orphans,
                                                    const Registry& registry);

/// Asks a host about everything declared for it, and what the first answers leave open.
[[nodiscard]] HostObservation observe_host(const GraphHost& host, const Registry& registry,
                                           Interview& interview, const ProbeOptions& options);

/// What a host is asked about.
struct Focus {
  std::vector<std::size_t> items;               ///< of its blueprint; the others' findings are Unknown
  std::map<std::size_t, std::string> memories;  ///< by item; they stand in for what the ledger remembers
  std::vector<DeclarationPtr> orphans;
};

/// Looks again at some of what a host has.
[[nodiscard]] HostObservation observe_again(const GraphHost& host, const Focus& focus,
                                            const Registry& registry, Interview& interview,
                                            const ProbeOptions& options);

/// The observation of a host that could not be asked.
[[nodiscard]] HostObservation unreachable_host(const GraphHost& host, Error error);

}  // namespace tidelock
