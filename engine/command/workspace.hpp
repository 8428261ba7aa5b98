#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "engine/command/command.hpp"
#include "engine/command/console.hpp"
#include "engine/model/graph.hpp"
#include "engine/probe/fleet.hpp"
#include "engine/probe/recording.hpp"

namespace tidelock {

/// A plan, and the desired state that it leads to.
struct Planned {
  Graph graph;
  Plan plan;
};

/// A manifest that was read and found right, and the graph that follows from it.
class Workspace {
 public:
  enum class Secrets : std::uint8_t { resolve, only_look };

  /// None when anything is wrong with the manifest; then everything wrong has been said, and the status is
  /// what to leave with.
  [[nodiscard]] static std::expected<std::unique_ptr<Workspace>, Exit> load(const Options& options,
                                                                            const Wiring& wiring,
                                                                            const Console& console,
                                                                            Secrets secrets);
  /// The same for who wants to say it otherwise: null when anything is wrong.
  [[nodiscard]] static std::unique_ptr<Workspace> load(const Options& options, const Wiring& wiring,
                                                       Secrets secrets, Diagnostics& diagnostics);

  [[nodiscard]] const Manifest& manifest() const { return *manifest_; }
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Registry& registry() const { return registry_; }
  [[nodiscard]] const Wiring& wiring() const { return wiring_; }

  /// Looks at the hosts that the selection covers and at those that lead them (Declaration::together),
  /// through sessions of `fleet`.
  [[nodiscard]] std::vector<HostObservation> observe(Fleet& fleet, const Selection& selection, bool rehash,
                                                     Progress& progress) const;
  /// The same from a recording.
  [[nodiscard]] std::vector<HostObservation> observe(const Recording& recording,
                                                     const Selection& selection) const;
  /// Looks at the hosts as the options say: through sessions of its own, or in a recording.
  [[nodiscard]] Result<std::vector<HostObservation>> look(const Options& options,
                                                          const Console& console) const;
  /// The manifest's, over which `max_deletions` wins.
  [[nodiscard]] Policy policy(std::optional<std::int64_t> max_deletions) const;
  /// Findings that only all hosts together explain are amended in `observations`.
  [[nodiscard]] Planned plan(std::vector<HostObservation>& observations, const Selection& selection,
                             std::optional<std::int64_t> max_deletions = {}) const;
  [[nodiscard]] std::vector<const GraphHost*> selected(const Selection& selection) const;
  /// Whether everything that the selection names exists; says what does not.
  [[nodiscard]] bool knows(const Selection& selection, const Console& console) const;
  /// Whether every pattern of the selection matches something that is declared or once was, as far as the
  /// hosts could be asked; says which do not.
  [[nodiscard]] bool meets(const Selection& selection, const std::vector<HostObservation>& observations,
                           const Console& console) const;
  /// Of everything declared.
  [[nodiscard]] std::vector<std::string> addresses() const;

 private:
  [[nodiscard]] std::vector<const GraphHost*> to_look_at(const Selection& selection) const;
  [[nodiscard]] bool has_address(const std::string& glob,
                                 const std::vector<HostObservation>& observations) const;
  Workspace(const Wiring& wiring, bool rehash) : wiring_(wiring), registry_(wiring.registry(rehash)) {}

  const Wiring& wiring_;
  Registry registry_;
  std::optional<Manifest> manifest_;
  Graph graph_;
};

}  // namespace tidelock
