#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "providers/slurm/jobs/cluster_facts.hpp"
#include "providers/slurm/jobs/script.hpp"

namespace tidelock::slurm {

/// A batch script that a portal submits.
struct JobTemplate {
  std::string name;  ///< as messages call it: its path on the hosts
  JobScript script;
  std::optional<std::string> submit_as;  ///< who runs sbatch
  std::vector<Parameter> parameters;
  Location declared_at;  ///< in the manifest; may be unknown
};

/// What is wrong with these templates on this cluster: with the scripts themselves, with what they ask for,
/// with what they need on the nodes, and with each other. Every problem stands at its line of the template,
/// with a note for the line of the manifest.
///
/// Errors are jobs that Slurm refuses or never starts, and jobs that fail or disturb each other. What is not
/// known, in `facts` or because only the backend or the running job decides it, gives no problem; neither do
/// options that may change the rest: a job with --constraint, --nodelist and the like is not blamed for nodes
/// that it may not run on. A job that names several partitions is blamed for what none of them can do.
[[nodiscard]] Diagnostics check_jobs(std::span<const JobTemplate> templates, const ClusterFacts& facts);

}  // namespace tidelock::slurm
