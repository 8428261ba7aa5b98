#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/slurm/conf/kinds.hpp"

namespace tidelock::slurm {

/// The configuration that is to come.
class Candidate {
 public:
  explicit Candidate(const ConfSeen& seen) : seen_(seen), files_(seen.files) {}

  /// What stands against one of the resources.
  struct Trouble {
    std::size_t sight = 0;  ///< index
    std::string reason;
  };
  using Troubles = std::vector<Trouble>;

  /// Makes the edits that these resources of the first controller call for. It ends at those that cannot be
  /// made, and gives them back; then the candidate is of no use.
  [[nodiscard]] Troubles make(std::span<const Sight* const> sights);

  [[nodiscard]] const ConfigurationFiles& files() const { return files_; }
  [[nodiscard]] std::vector<FileChange> changes() const;
  /// For people: what changes in the files.
  [[nodiscard]] std::string diff() const;
  /// Whether slurmctld has to be restarted, and why; empty where reading the files again is enough.
  [[nodiscard]] std::string restart_because() const;
  /// Whether a node has more afterwards: its slurmd has to say so before slurmctld counts on it, and drains
  /// it.
  [[nodiscard]] bool grows(const std::string& node) const;
  /// The same of slurmd.
  [[nodiscard]] std::string slurmd_restart_because() const;

 private:
  [[nodiscard]] Troubles set_parameters(std::span<const Sight* const> sights);
  [[nodiscard]] Troubles set_nodes(std::span<const Sight* const> sights);
  [[nodiscard]] Troubles set_partitions(std::span<const Sight* const> sights);
  [[nodiscard]] Troubles remove(std::span<const Sight* const> sights);
  [[nodiscard]] Troubles check(std::span<const Sight* const> sights) const;
  /// Of a partition, nodes that no line is for.
  [[nodiscard]] std::vector<std::string> unknown_nodes_in(const std::string& partition) const;
  [[nodiscard]] std::string changed_parameter(std::span<const std::string_view> parameters) const;

  const ConfSeen& seen_;
  ConfigurationFiles files_;
};

/// Declared attributes that a resource does not have; all of them where it is not there.
[[nodiscard]] Attributes lacking(const Sight& sight);

}  // namespace tidelock::slurm
