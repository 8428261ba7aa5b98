#include <algorithm>
#include <numeric>
#include <ranges>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "providers/slurm/jobs/case.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::size_t most_hosts = 200;  // bytes of a folded list in a message

/// What each node of the partitions has of something, in the nodes' order; none where one is not known.
using Amounts = std::optional<std::vector<std::uint64_t>>;

Amounts amounts_of(const JobCase& job, const auto& amount_of) {
  if (!job.nodes) return std::nullopt;
  std::vector<std::uint64_t> amounts;
  for (const auto* node : *job.nodes) {
    const std::optional<std::uint64_t> amount = amount_of(*node);
    if (!amount) return std::nullopt;
    amounts.push_back(*amount);
  }
  return amounts;
}

Amounts devices_on(const JobCase& job, const Gres& gres) {
  return amounts_of(job, [&](const ClusterNode& node) {
    return node.gres ? std::optional(devices_of(*node.gres, gres)) : std::nullopt;
  });
}

/// " (node[1-4])": the nodes that have this most.
std::string who_has(const JobCase& job, const std::vector<std::uint64_t>& amounts, std::uint64_t most) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < amounts.size(); ++i)
    if (amounts[i] == most) names.push_back(printable((*job.nodes)[i]->name));
  const auto folded = fold_hosts(names);
  return folded.size() <= most_hosts ? fmt::format(" ({})", folded) : "";
}

/// Of the largest `nodes` of them.
std::uint64_t most_together(std::vector<std::uint64_t> amounts, std::uint64_t nodes) {
  std::ranges::sort(amounts, std::greater());
  amounts.resize(std::min<std::uint64_t>(amounts.size(), nodes));
  return std::accumulate(amounts.begin(), amounts.end(), std::uint64_t{0});
}

void check_memory_amount(JobCase& job, std::uint64_t bytes, const auto& asked, const std::string& how) {
  const auto amounts = amounts_of(job, [](const ClusterNode& node) { return node.memory; });
  if (!amounts || bytes <= std::ranges::max(*amounts)) return;
  const auto most = std::ranges::max(*amounts);
  job.error(
      asked.at, "Job asks for more memory than any node has",
      fmt::format(
          "{}{}, and no node of {} has more than {}{}: Slurm refuses it (Memory specification can not be "
          "satisfied); ask for {} or less",
          asked.written, how, job.where(), memory_text(most), who_has(job, *amounts, most),
          memory_text(most)),
      asked.notes);
}

std::string in_all(std::uint64_t bytes, std::uint64_t times, std::string_view things) {
  return times == 1 ? "" : fmt::format(" for {} {} is {} on one node", times, things, memory_text(bytes));
}

std::uint64_t sum_of(const std::vector<Gres>& list) {
  std::uint64_t sum = 0;
  for (const auto& gres : list) sum += std::min(gres.count, unlimited / 2 / (list.size() + 1));
  return sum;
}

/// GPUs that a job has for sure on the node with most of them.
std::uint64_t gpus_on_a_node(const JobRequest& request, const JobSize& size) {
  const auto whole = sum_of(request.gpus.value_or({}));
  return std::max({std::uint64_t{1}, sum_of(request.gpus_per_node.value_or({})),
                   product(sum_of(request.gpus_per_task.value_or({})), size.tasks_on_a_node),
                   whole == 0 ? 0 : (whole - 1) / size.most_nodes + 1});
}

void check_memory(JobCase& job) {
  const auto& request = *job.request;
  const auto size = size_of(job);
  const int ways = request.memory.stated + request.memory_per_cpu.stated + request.memory_per_gpu.stated;
  if (ways != 1) return;  // sbatch refuses several, unless they come from elsewhere
  if (request.memory.asked) check_memory_amount(job, request.memory.asked->value, *request.memory.asked, "");
  if (const auto& asked = request.memory_per_cpu.asked) {
    const auto cpus = std::max<std::uint64_t>(1, product(size.cpus_per_task, size.tasks_on_a_node));
    const auto bytes = product(asked->value, cpus);
    check_memory_amount(job, bytes, *asked, in_all(bytes, cpus, "CPUs"));
  }
  if (const auto& asked = request.memory_per_gpu.asked) {
    const auto gpus = gpus_on_a_node(request, size);
    const auto bytes = product(asked->value, gpus);
    check_memory_amount(job, bytes, *asked, in_all(bytes, gpus, "GPUs"));
  }
}

/// The option that makes it so many tasks on one node, if there is one.
const Asked<std::uint64_t>* tasks_option(const JobRequest& request) {
  if (request.tasks.asked) return &*request.tasks.asked;
  return request.tasks_per_node.asked && !request.tasks.stated ? &*request.tasks_per_node.asked : nullptr;
}

void check_nodes(JobCase& job) {
  const auto& asked = job.request->nodes.asked;
  if (!asked || !job.node_names || job.node_names->empty() || asked->value.min <= job.node_names->size())
    return;
  job.error(
      asked->at, "Job asks for more nodes than there are",
      fmt::format("{}, and {} has {}", asked->written, job.where(), count_of(job.node_names->size(), "node")),
      asked->notes);
}

void blame_cpus_of_task(JobCase& job, std::uint64_t most, const std::string& has) {
  const auto& asked = *job.request->cpus_per_task.asked;
  job.error(asked.at, "Job asks for more CPUs than any node has",
            fmt::format("{}, and {}: the CPUs of a task are on one node; ask for {} or less", asked.written,
                        has, most),
            asked.notes);
}

void check_cpus_of_tasks(JobCase& job, const std::vector<std::uint64_t>& amounts, const std::string& has) {
  const auto* tasks = tasks_option(*job.request);
  if (tasks == nullptr) return;
  const auto size = size_of(job);
  const auto on_one = product(size.cpus_per_task, size.tasks_on_a_node);
  const auto all = product(size.cpus_per_task, size.tasks);
  const auto together = most_together(amounts, size.most_nodes);
  if (on_one > std::ranges::max(amounts))
    job.error(tasks->at, "Job asks for more CPUs than any node has",
              fmt::format("{} asks for {} CPUs on one node, and {}", tasks->written, on_one, has),
              tasks->notes);
  else if (all > together)
    job.error(tasks->at, "Job asks for more CPUs than there are",
              fmt::format("{} asks for {} CPUs, and {} of {} have {} together", tasks->written, all,
                          count_of(std::min<std::uint64_t>(size.most_nodes, amounts.size()), "node"),
                          job.where(), together),
              tasks->notes);
}

void check_cpus(JobCase& job) {
  const auto amounts = amounts_of(job, [](const ClusterNode& node) { return node.cpus; });
  const auto of_task = size_of(job).cpus_per_task;
  if (!amounts || of_task == 0) return;
  const auto most = std::ranges::max(*amounts);
  const auto has = fmt::format("no node of {} has more than {}{}", job.where(), count_of(most, "CPU"),
                               who_has(job, *amounts, most));
  if (of_task > most && job.request->cpus_per_task.asked) return blame_cpus_of_task(job, most, has);
  check_cpus_of_tasks(job, *amounts, has);
}

/// All that nodes of the cluster are known to have; none where one node is not known, and where nobody knows
/// all nodes that the job may run on.
std::optional<std::vector<std::string>> all_gres(const JobCase& job) {
  if (!job.nodes) return std::nullopt;
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (!holds(names, name)) names.push_back(std::move(name));
  };
  for (const auto& node : *job.facts->nodes) {
    if (!node.gres) return std::nullopt;
    for (const auto& [name, count] : *node.gres) {
      add(name.substr(0, name.find(':')));
      add(name);
    }
  }
  return names;
}

/// False where no node at all has such a thing, and that was said.
bool exists(JobCase& job, const Gres& gres, const auto& asked) {
  const auto known = all_gres(job);
  if (!known) return true;
  const auto has = [&](const ClusterNode& node) { return devices_of(*node.gres, gres) > 0; };
  if (std::ranges::any_of(*job.facts->nodes, has)) return true;
  job.error(asked.at, "Generic resource does not exist",
            with_suggestion(gres_text(gres), "is on no node of the cluster", *known, "there are"),
            asked.notes);
  return false;
}

void check_devices(JobCase& job, const Gres& gres, std::uint64_t on_one, std::uint64_t of_all,
                   const auto& asked) {
  if (!exists(job, gres, asked)) return;
  const auto amounts = devices_on(job, gres);
  if (!amounts) return;
  const auto most = std::ranges::max(*amounts);
  const auto name = gres_text(gres);
  if (on_one > most) {
    const auto has = most == 0 ? fmt::format("no node of {} has any {}", job.where(), printable(name))
                               : fmt::format("no node of {} has more than {}{}", job.where(), most,
                                             who_has(job, *amounts, most));
    job.error(
        asked.at, "Job asks for more devices than any node has",
        fmt::format("{} asks for {} {} on one node, and {}", asked.written, on_one, printable(name), has),
        asked.notes);
  } else if (const auto together = most_together(*amounts, size_of(job).most_nodes); of_all > together) {
    job.error(asked.at, "Job asks for more devices than there are",
              fmt::format("{} asks for {} {}, and the nodes of {} that it can have hold {}", asked.written,
                          of_all, printable(name), job.where(), together),
              asked.notes);
  }
}

void check_gres(JobCase& job) {
  const auto& request = *job.request;
  const auto size = size_of(job);
  for (const auto* field : {&request.gres, &request.gpus_per_node})
    for (const auto& gres : field->value_or({}))
      check_devices(job, gres, gres.count, product(gres.count, size.nodes), *field->asked);
  for (const auto& gres : request.gpus.value_or({}))
    check_devices(job, gres, (gres.count - 1) / size.most_nodes + 1, gres.count, *request.gpus.asked);
  for (const auto& gres : request.gpus_per_task.value_or({}))
    check_devices(job, gres, product(gres.count, size.tasks_on_a_node), product(gres.count, size.tasks),
                  *request.gpus_per_task.asked);
}

}  // namespace

void check_resources(JobCase& job) {
  if (!job.request) return;
  check_nodes(job);
  check_memory(job);
  check_cpus(job);
  check_gres(job);
}

}  // namespace tidelock::slurm
