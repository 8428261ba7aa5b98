#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "providers/slurm/jobs/case.hpp"

namespace tidelock::slurm {
namespace {

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.name);
  return names;
}

template <class Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found = std::ranges::find_if(all, [&](const Named& one) { return same_name(one.name, name); });
  return found == all.end() ? nullptr : &*found;
}

/// Who submits, and with which account.
struct Submitter {
  const ClusterUser* user = nullptr;
  std::optional<std::string> account;
  std::string account_from;
  Location account_at;
  const ClusterAssociation* association = nullptr;
};

Location declared(const JobCase& job) {
  return job.job->declared_at.known() ? job.job->declared_at : job.script_at();
}

void find_user(JobCase& job, Submitter& who) {
  if (!job.facts->users || !job.job->submit_as) return;
  who.user = find_named(*job.facts->users, *job.job->submit_as);
  if (who.user != nullptr && !who.user->accounts.empty()) return;
  job.error(declared(job), "User has no account",
            fmt::format(
                "{} has no association in Slurm's accounting, so sbatch refuses its jobs (Invalid account or "
                "account/partition combination specified); declare the user with an account",
                shown(*job.job->submit_as)));
  who.user = nullptr;
}

bool account_exists(JobCase& job, const Asked<std::string>& asked) {
  const auto& accounts = job.facts->accounts;
  if (!accounts || find_named(*accounts, asked.value) != nullptr) return true;
  job.error(asked.at, "Account does not exist",
            with_suggestion(asked.value, "is no account of the cluster", names_of(*accounts), "there are"),
            asked.notes);
  return false;
}

void find_account(JobCase& job, Submitter& who) {
  const auto& field = job.request->account;
  who.account_at = field.asked ? field.asked->at : job.script_at();
  if (field.asked && account_exists(job, *field.asked)) {
    who.account = field.asked->value;
    who.account_from = field.asked->written;
  } else if (!field.stated && who.user != nullptr && who.user->default_account) {
    who.account = who.user->default_account;
    who.account_from =
        fmt::format("the default account of {}, {}", shown(who.user->name), shown(*who.account));
  }
}

void find_association(JobCase& job, Submitter& who) {
  if (who.user == nullptr || !who.account) return;
  std::vector<std::string> names;
  for (const auto& [name, association] : who.user->accounts) {
    if (same_name(name, *who.account)) who.association = &association;
    names.push_back(printable(name));
  }
  if (who.association != nullptr) return;
  job.error(who.account_at, "User lacks the account",
            fmt::format(
                "{}, and {} belongs to {} only: sbatch refuses the job (Invalid account or account/partition "
                "combination specified); name one of these, or add the user to the account",
                who.account_from, shown(who.user->name), join(names, ", ")));
}

/// A partition that allows an account allows those below it, in newer Slurm; a loop among parents ends
/// somewhere.
bool allows_account(const JobCase& job, const ClusterPartition& partition, std::string account) {
  constexpr int deepest = 64;
  for (int depth = 0; depth < deepest; ++depth) {
    if (!partition.allow_accounts || has_name(*partition.allow_accounts, account)) return true;
    const auto* known = job.facts->accounts ? find_named(*job.facts->accounts, account) : nullptr;
    if (known == nullptr || !known->parent) return false;
    account = *known->parent;
  }
  return true;
}

void check_account_of_partition(JobCase& job, const Submitter& who) {
  if (!who.account || job.partitions.empty()) return;
  for (const auto* partition : job.partitions)
    if (allows_account(job, *partition, *who.account)) return;
  std::vector<std::string> allowed;
  for (const auto& name : *job.partitions.front()->allow_accounts) allowed.push_back(printable(name));
  job.error(who.account_at, "Partition does not take the account",
            fmt::format("{}: {} takes jobs of {} only", who.account_from, job.where(), join(allowed, ", ")));
}

void find_qos(JobCase& job, const Submitter& who) {
  if (!job.facts->qos) return;
  const auto& field = job.request->qos;
  job.qos_at = field.asked ? field.asked->at : job.script_at();
  if (field.asked) {
    job.qos_from = field.asked->written;
    job.qos = find_named(*job.facts->qos, field.asked->value);
    if (job.qos == nullptr)
      job.error(
          field.asked->at, "QoS does not exist",
          with_suggestion(field.asked->value, "is no QoS of the cluster (Slurm: Invalid qos specification)",
                          names_of(*job.facts->qos), "there are"),
          field.asked->notes);
  } else if (!field.stated && who.association != nullptr && who.association->default_qos) {
    job.qos = find_named(*job.facts->qos, *who.association->default_qos);
    job.qos_from =
        fmt::format("the default QoS of {}, {}", shown(who.user->name), shown(*who.association->default_qos));
  }
}

void check_qos_of_user(JobCase& job, const Submitter& who) {
  if (job.qos == nullptr || who.association == nullptr || !who.association->qos || who.user->is_operator)
    return;
  if (has_name(*who.association->qos, job.qos->name)) return;
  std::vector<std::string> names;
  for (const auto& name : *who.association->qos) names.push_back(printable(name));
  job.error(
      job.qos_at, "User lacks the QoS",
      fmt::format(
          "{}, and {} has in account {} {}: sbatch refuses the job (Invalid qos specification); add {} to "
          "the user's qos",
          job.qos_from, shown(who.user->name), shown(*who.account),
          names.empty() ? "none" : "only " + join(names, ", "), shown(job.qos->name)));
}

bool takes_qos(const ClusterPartition& partition, const std::string& qos) {
  if (partition.allow_qos) return has_name(*partition.allow_qos, qos);
  return !partition.deny_qos || !has_name(*partition.deny_qos, qos);
}

void check_qos_of_partition(JobCase& job) {
  if (job.qos == nullptr || job.partitions.empty()) return;
  for (const auto* partition : job.partitions)
    if (takes_qos(*partition, job.qos->name)) return;
  const auto& first = *job.partitions.front();
  std::vector<std::string> names;
  for (const auto& name : first.allow_qos ? *first.allow_qos : *first.deny_qos)
    names.push_back(printable(name));
  job.error(job.qos_at, "Partition does not take the QoS",
            fmt::format("{}: {} takes jobs with {} {}", job.qos_from, job.where(),
                        first.allow_qos ? "only QoS" : "any QoS but", join(names, ", ")));
}

}  // namespace

void check_access(JobCase& job) {
  if (!job.request) return;
  Submitter who;
  find_user(job, who);
  find_account(job, who);
  find_association(job, who);
  check_account_of_partition(job, who);
  find_qos(job, who);
  check_qos_of_user(job, who);
  check_qos_of_partition(job);
}

}  // namespace tidelock::slurm
