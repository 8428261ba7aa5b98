#include "providers/slurm/jobs/case.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"

namespace tidelock::slurm {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string> partition_names(const ClusterFacts& facts) {
  std::vector<std::string> names;
  for (const auto& partition : *facts.partitions) names.push_back(partition.name);
  return names;
}

const ClusterPartition* find_partition(const ClusterFacts& facts, std::string_view name) {
  const auto found = std::ranges::find(*facts.partitions, name, &ClusterPartition::name);
  return found == facts.partitions->end() ? nullptr : &*found;
}

/// Those that the script names. One that does not exist makes sbatch refuse the job, whatever the others are.
void name_partitions(JobCase& job) {
  const auto& asked = *job.request->partitions.asked;
  for (const auto& name : asked.value) {
    const auto* partition = find_partition(*job.facts, name);
    if (partition == nullptr) {
      job.error(
          asked.at, "Partition does not exist",
          with_suggestion(name, "is no partition of the cluster", partition_names(*job.facts), "there are"),
          asked.notes);
      job.partitions.clear();
      return;
    }
    if (!holds(job.partitions, partition)) job.partitions.push_back(partition);
  }
}

void find_partitions(JobCase& job) {
  if (!job.facts->partitions) return;
  if (job.request->partitions.asked) return name_partitions(job);
  if (job.request->partitions.stated) return;
  const auto& all = *job.facts->partitions;
  const auto found = std::ranges::find_if(all, &ClusterPartition::is_default);
  // a reservation may bring a partition of its own
  if (found != all.end() && !job.request->reserved) job.partitions.push_back(&*found);
}

void find_nodes(JobCase& job) {
  if (job.partitions.empty()) return;
  std::set<std::string> seen;
  std::vector<std::string> names;
  for (const auto* partition : job.partitions) {
    if (!partition->nodes) return;
    for (const auto& name : *partition->nodes)
      if (seen.insert(name).second) names.push_back(name);
  }
  job.node_names = std::move(names);
  if (!job.facts->nodes) return;
  std::map<std::string_view, const ClusterNode*> known;
  for (const auto& node : *job.facts->nodes) known[node.name] = &node;
  std::vector<const ClusterNode*> nodes;
  for (const auto& name : *job.node_names) {
    const auto found = known.find(name);
    if (found == known.end()) return;
    nodes.push_back(found->second);
  }
  if (!nodes.empty()) job.nodes = std::move(nodes);
}

bool fits(const JobCase& job, const ClusterNode& node) {
  const auto& request = *job.request;
  const auto size = size_of(job);
  if (node.memory && request.memory.value_or(0) > *node.memory) return false;
  if (node.cpus && size.cpus_per_task > *node.cpus) return false;
  if (!node.gres) return true;
  std::vector<Gres> needed;
  for (const auto* field : {&request.gres, &request.gpus_per_node, &request.gpus_per_task})
    std::ranges::copy(field->value_or({}), std::back_inserter(needed));
  for (const auto& gres : request.gpus.value_or({})) needed.push_back({gres.name, gres.type, 1});
  return std::ranges::all_of(needed,
                             [&](const Gres& gres) { return gres.count <= devices_of(*node.gres, gres); });
}

}  // namespace

std::string JobCase::where() const {
  std::vector<std::string> names;
  for (const auto* partition : partitions) names.push_back(shown(partition->name));
  return fmt::format("partition{} {}", names.size() == 1 ? "" : "s", join(names, ", "));
}

void JobCase::error(Location at, std::string summary, std::string detail, std::vector<Note> notes) {
  problems.error(std::move(at), std::move(summary), std::move(detail), std::move(notes));
}

JobCase case_of(const JobTemplate& job, const ClusterFacts& facts) {
  JobCase result;
  result.job = &job;
  result.facts = &facts;
  result.request = request_of(job.script, job.parameters, result.problems);
  if (!result.request) return result;
  find_partitions(result);
  find_nodes(result);
  return result;
}

JobSize size_of(const JobCase& job) {
  const auto& request = *job.request;
  JobSize size;
  const auto nodes = request.nodes.value_or({});
  size.nodes = nodes.min;
  size.most_nodes =
      job.node_names ? std::min(nodes.max, std::max<std::uint64_t>(1, job.node_names->size())) : nodes.max;
  if (request.tasks.stated) {
    size.tasks = request.tasks.value_or(1);
    size.tasks_on_a_node = (size.tasks - 1) / size.most_nodes + 1;
  } else {  // beside --ntasks, --ntasks-per-node is only an upper limit
    size.tasks_on_a_node = request.tasks_per_node.value_or(1);
    size.tasks = product(size.tasks_on_a_node, size.nodes);
  }
  size.cpus_per_task = request.overcommits ? 0 : request.cpus_per_task.value_or(1);
  return size;
}

std::uint64_t devices_of(const GresCounts& gres, const Gres& asked) {
  std::uint64_t count = 0;
  for (const auto& [name, number] : gres) {
    const auto colon = name.find(':');
    const bool typed = colon != std::string::npos;
    if (name.substr(0, colon) != asked.name) continue;
    if (!typed || asked.type.empty() || name.substr(colon + 1) == asked.type) count += number;
  }
  return count;
}

std::vector<std::string> possible_nodes(const JobCase& job) {
  if (!job.node_names) return {};
  if (!job.nodes) return *job.node_names;
  std::vector<std::string> names;
  for (const auto* node : *job.nodes)
    if (fits(job, *node)) names.push_back(node->name);
  return names.empty() ? *job.node_names : names;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace tidelock::slurm
