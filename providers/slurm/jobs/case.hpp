#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "providers/slurm/jobs/check.hpp"
#include "providers/slurm/jobs/request.hpp"

namespace tidelock::slurm {

/// One template, together with what the cluster has for it. The functions of this header are the parts of
/// `check_jobs`, in their order.
struct JobCase {
  const JobTemplate* job = nullptr;
  const ClusterFacts* facts = nullptr;
  std::optional<JobRequest> request;                ///< none: nothing can be said of what it asks
  std::vector<const ClusterPartition*> partitions;  ///< empty: not known
  /// The nodes of these partitions; none where not all are known.
  std::optional<std::vector<std::string>> node_names;
  std::optional<std::vector<const ClusterNode*>> nodes;
  const ClusterQos* qos = nullptr;  ///< that the job will have; none: not known
  std::string qos_from;             ///< "--qos=moonlight", "the default QoS of portal"
  Location qos_at;
  Diagnostics problems;

  [[nodiscard]] Location script_at() const { return {job->script.file, 0, 0}; }
  /// "partition viz"
  [[nodiscard]] std::string where() const;
  void error(Location at, std::string summary, std::string detail, std::vector<Note> notes = {});
};

/// The options of a script as numbers, and the nodes it may run on; says which partitions there are not.
[[nodiscard]] JobCase case_of(const JobTemplate& job, const ClusterFacts& facts);

/// Account and QoS: whether there are such, whether the user has them, whether the partition takes them.
void check_access(JobCase& job);
/// Memory, CPUs and devices that no node has.
void check_resources(JobCase& job);
/// Limits of time and of TRES, of the partition and of the QoS.
void check_limits(JobCase& job);
/// Images that are not on every node.
void check_images(JobCase& job);
/// Ports and displays that two templates fix.
void check_clashes(std::span<JobCase> jobs);
/// One user's limits that everybody shares.
void check_shared_limits(std::span<JobCase> jobs);

/// The smallest that a job can be.
struct JobSize {
  std::uint64_t nodes = 1;
  std::uint64_t most_nodes = unlimited;
  std::uint64_t tasks = 1;
  std::uint64_t tasks_on_a_node = 1;  ///< on the node that has most of them
  std::uint64_t cpus_per_task = 1;    ///< 0 where tasks may share CPUs
};
[[nodiscard]] JobSize size_of(const JobCase& job);

/// Devices that a node has of a name, and of a type where one is asked for. Those whose type nobody told
/// count as any.
[[nodiscard]] std::uint64_t devices_of(const GresCounts& gres, const Gres& asked);

/// The nodes that may run the job: without those known to have too little, unless all have too little.
[[nodiscard]] std::vector<std::string> possible_nodes(const JobCase& job);

/// As Slurm compares names of QoS, accounts and users.
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);
[[nodiscard]] bool has_name(const auto& names, std::string_view name) {
  return std::ranges::any_of(names, [&](const std::string& one) { return same_name(one, name); });
}

}  // namespace tidelock::slurm
