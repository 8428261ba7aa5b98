#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "providers/slurm/jobs/script.hpp"
#include "providers/slurm/jobs/values.hpp"

namespace tidelock::slurm {

/// A value that a script asks for. Where parameters leave a choice it is the one that asks for most.
template <class T>
struct Asked {
  T value{};
  Location at;
  std::string written;      ///< "--mem=8G (MEMORY_GB = 8)"
  std::vector<Note> notes;  ///< where the parameters are that made it so
};

/// An option with a meaning for the check.
template <class T>
struct Stated {
  bool stated = false;            ///< the script has the option
  std::optional<Asked<T>> asked;  ///< none where it is not stated, or where nobody knows its value

  [[nodiscard]] T value_or(const T& other) const { return asked ? asked->value : other; }
};

/// What a job asks of Slurm, as far as it is known: it may ask for more, never for less.
struct JobRequest {
  Stated<std::vector<std::string>> partitions;
  Stated<std::string> qos;
  Stated<std::string> account;
  Stated<std::uint64_t> memory;  ///< --mem: bytes on each node, 0: all that it has
  Stated<std::uint64_t> memory_per_cpu;
  Stated<std::uint64_t> memory_per_gpu;
  Stated<std::uint64_t> cpus_per_task;
  Stated<std::uint64_t> tasks;
  Stated<std::uint64_t> tasks_per_node;
  Stated<std::uint64_t> time;  ///< seconds, or `unlimited`
  Stated<NodeCount> nodes;
  Stated<std::vector<Gres>> gres;  ///< on each node
  Stated<std::vector<Gres>> gpus;  ///< of the whole job
  Stated<std::vector<Gres>> gpus_per_node;
  Stated<std::vector<Gres>> gpus_per_task;
  bool overcommits = false;  ///< --overcommit: tasks may share CPUs
  bool alone = false;        ///< --exclusive: no other job on its nodes
  bool reserved = false;     ///< --reservation
  /// By names, features or a reservation: not every node of a partition may run it.
  bool chooses_nodes = false;
};

/// None for a script whose options do not count, or for one that goes to another cluster (--clusters). What
/// sbatch cannot read (--mem=4X) is an error.
[[nodiscard]] std::optional<JobRequest> request_of(const JobScript& script,
                                                   std::span<const Parameter> parameters,
                                                   Diagnostics& diagnostics);

}  // namespace tidelock::slurm
