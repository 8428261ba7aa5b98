#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/jobs/case.hpp"

namespace tidelock::slurm {
namespace {

/// A limit, and the QoS that sets it.
struct Limit {
  std::uint64_t most = 0;
  const ClusterQos* qos = nullptr;
};

/// The limit that counts in a partition. A partition's own QoS goes before the job's, unless the job's has
/// OverPartQOS (Slurm's documentation, Resource Limits: hierarchy).
std::optional<Limit> limit_in(const JobCase& job, const ClusterPartition& partition, const auto& limit_of) {
  const ClusterQos* own = nullptr;
  if (partition.qos) {
    const auto& all = *job.facts->qos;
    const auto found =
        std::ranges::find_if(all, [&](const ClusterQos& qos) { return same_name(qos.name, *partition.qos); });
    if (found == all.end()) return std::nullopt;  // who knows what it allows
    own = &*found;
  }
  const bool job_first = job.qos->over_partition_qos;
  for (const auto* qos : {job_first ? job.qos : own, job_first ? own : job.qos})
    if (const std::optional<std::uint64_t> most = qos == nullptr ? std::nullopt : limit_of(*qos))
      return Limit{*most, qos};
  return std::nullopt;
}

/// The widest of all partitions that the job may run in; none where one has no limit.
std::optional<Limit> widest_limit(const JobCase& job, const auto& limit_of) {
  std::optional<Limit> widest;
  if (job.qos == nullptr || !job.facts->qos) return widest;
  for (const auto* partition : job.partitions) {
    const auto limit = limit_in(job, *partition, limit_of);
    if (!limit) return std::nullopt;
    if (!widest || limit->most > widest->most) widest = limit;
  }
  return widest;
}

void check_time_of_partition(JobCase& job) {
  const auto& asked = *job.request->time.asked;
  if (job.partitions.empty() || (job.qos != nullptr && job.qos->ignores_partition_time)) return;
  std::uint64_t most = 0;
  for (const auto* partition : job.partitions) most = std::max(most, partition->max_time.value_or(unlimited));
  if (asked.value <= most || most == unlimited) return;
  job.error(
      asked.at, "Job asks for more time than its partition allows",
      fmt::format(
          "{}, and {} allows {}: Slurm refuses the job, or never starts it (PartitionTimeLimit); ask for "
          "{} or less",
          asked.written, job.where(), time_text(most), time_text(most)),
      asked.notes);
}

void check_time_of_qos(JobCase& job) {
  const auto& asked = *job.request->time.asked;
  const auto limit = widest_limit(job, [](const ClusterQos& qos) { return qos.max_wall; });
  if (!limit || asked.value <= limit->most) return;
  job.error(
      asked.at, "Job asks for more time than its QoS allows",
      fmt::format("{}, and QoS {} allows {} (max_wall): Slurm refuses the job, or never starts it "
                  "(QOSMaxWallDurationPerJobLimit); ask for {} or less",
                  asked.written, shown(limit->qos->name), time_text(limit->most), time_text(limit->most)),
      asked.notes);
}

/// What a job takes of one TRES for sure.
struct Demand {
  std::string tres;
  std::uint64_t amount = 0;
  Location at;
  std::string written;
  std::vector<Note> notes;
};

void demand(std::vector<Demand>& demands, std::string tres, std::uint64_t amount, const auto& asked) {
  demands.push_back({std::move(tres), amount, asked.at, asked.written, asked.notes});
}

void demand_devices(std::vector<Demand>& demands, const Stated<std::vector<Gres>>& field,
                    std::uint64_t times) {
  if (!field.asked) return;
  std::map<std::string, std::uint64_t> counts;
  for (const auto& gres : field.asked->value) {
    counts["gres/" + gres.name] += product(gres.count, times);
    if (!gres.type.empty()) counts["gres/" + gres_text(gres)] += product(gres.count, times);
  }
  for (const auto& [tres, amount] : counts) demand(demands, tres, amount, *field.asked);
}

std::vector<Demand> demands_of(const JobCase& job) {
  const auto& request = *job.request;
  const auto size = size_of(job);
  std::vector<Demand> demands;
  const auto cpus = std::max(product(size.cpus_per_task, size.tasks), size.nodes);
  if (request.cpus_per_task.asked)
    demand(demands, "cpu", cpus, *request.cpus_per_task.asked);
  else if (request.tasks.asked)
    demand(demands, "cpu", cpus, *request.tasks.asked);
  else if (request.tasks_per_node.asked)
    demand(demands, "cpu", cpus, *request.tasks_per_node.asked);
  if (request.nodes.asked) demand(demands, "node", size.nodes, *request.nodes.asked);
  if (request.memory.asked)
    demand(demands, "mem", product(request.memory.asked->value, size.nodes), *request.memory.asked);
  if (request.memory_per_cpu.asked)
    demand(demands, "mem", product(request.memory_per_cpu.asked->value, cpus), *request.memory_per_cpu.asked);
  demand_devices(demands, request.gres, size.nodes);
  demand_devices(demands, request.gpus_per_node, size.nodes);
  demand_devices(demands, request.gpus, 1);
  demand_devices(demands, request.gpus_per_task, size.tasks);
  return demands;
}

std::string amount_text(const std::string& tres, std::uint64_t amount) {
  return tres == "mem" ? memory_text(amount) : fmt::format("{}", amount);
}

void check_demand(JobCase& job, const Demand& demand, TresLimits ClusterQos::* limits,
                  std::string_view whose) {
  const auto limit = widest_limit(job, [&](const ClusterQos& qos) -> std::optional<std::uint64_t> {
    const auto found = (qos.*limits).find(demand.tres);
    return found == (qos.*limits).end() ? std::nullopt : std::optional(found->second);
  });
  if (!limit || demand.amount <= limit->most) return;
  job.error(
      demand.at, "Job asks for more than its QoS allows",
      fmt::format("{} asks for {} = {}, and QoS {} allows {} {}: Slurm refuses the job, or never starts it",
                  demand.written, printable(demand.tres), amount_text(demand.tres, demand.amount),
                  shown(limit->qos->name), whose, amount_text(demand.tres, limit->most)),
      demand.notes);
}

std::string limits_text(const TresLimits& limits) {
  std::vector<std::string> texts;
  for (const auto& [tres, most] : limits)
    texts.push_back(fmt::format("{}={}", printable(tres), amount_text(tres, most)));
  return join(texts, ",");
}

}  // namespace

void check_limits(JobCase& job) {
  if (!job.request) return;
  if (job.request->time.asked) {
    check_time_of_partition(job);
    check_time_of_qos(job);
  }
  for (const auto& demand : demands_of(job)) {
    check_demand(job, demand, &ClusterQos::max_tres_per_job, "one job (max_tres_per_job)");
    check_demand(job, demand, &ClusterQos::max_tres_per_user, "all jobs of one user (max_tres_per_user)");
  }
}

void check_shared_limits(std::span<JobCase> jobs) {
  std::map<std::pair<std::string, const ClusterQos*>, std::vector<JobCase*>> users;
  for (auto& job : jobs)
    if (job.job->submit_as && job.qos != nullptr && !job.qos->max_tres_per_user.empty())
      users[{*job.job->submit_as, job.qos}].push_back(&job);
  for (const auto& [key, cases] : users) {
    const auto& [user, qos] = key;
    auto& first = *cases.front();
    first.problems.warning(
        first.qos_at, "Limit of one user holds for all",
        fmt::format(
            "{} submits {} with QoS {}, whose max_tres_per_user is {}: that caps all users of the portal "
            "together; if each is to have as much, let them submit as themselves, or limit what one job may "
            "have (max_tres_per_job)",
            shown(user), cases.size() == 1 ? "this job" : fmt::format("{} jobs", cases.size()),
            shown(qos->name), limits_text(qos->max_tres_per_user)));
  }
}

}  // namespace tidelock::slurm
