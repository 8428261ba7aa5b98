#include "providers/slurm/accounting/fields.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

/// slurmdb_qos_flags_str of Slurm 22.05 to 24.11; `Relative` since 23.11.
constexpr std::array<std::string_view, 11> qos_flags{
    "DenyOnLimit", "EnforceUsageThreshold", "NoDecay",           "NoReserve",
    "OverPartQOS", "PartitionMaxNodes",     "PartitionMinNodes", "PartitionTimeLimit",
    "Relative",    "RequiresReservation",   "UsageFactorSafe"};
constexpr std::array<std::string_view, 5> preempt_modes{"cluster", "cancel", "gang", "requeue", "suspend"};
constexpr std::array<std::string_view, 3> admin_levels{"none", "operator", "administrator"};

constexpr std::array qos_table{
    Field{"priority", "Priority", Form::count, "0", "0",
          "What it adds to the priority of a job, weighed by PriorityWeightQOS."},
    Field{"grace_time", "GraceTime", Form::seconds, "00:00:00", "0",
          "How long a job that is preempted may still run."},
    Field{"preempt", "Preempt", Form::names, "", "", "The QoS whose jobs those of this one may preempt."},
    Field{"preempt_mode", "PreemptMode", Form::word, "cluster", "cluster",
          "What becomes of a preempted job; `cluster` is what slurm.conf says.", preempt_modes},
    Field{"preempt_exempt_time", "PreemptExemptTime", Form::span, "", "-1",
          "How long a job runs before it can be preempted."},
    Field{"flags", "Flags", Form::words, "", "-1",
          "Flags; without DenyOnLimit a job over a limit waits for ever instead of being refused.",
          qos_flags},
    Field{"usage_threshold", "UsageThreshold", Form::decimal, "", "-1",
          "The lowest fair share with which an association may still use it."},
    Field{"usage_factor", "UsageFactor", Form::decimal, "1.000000", "1",
          "What the usage of its jobs is multiplied with."},
    Field{"limit_factor", "LimitFactor", Form::decimal, "", "-1",
          "What the TRES limits of associations are multiplied with."},
    Field{"grp_tres", "GrpTRES", Form::tres, "", "", "Of all its running jobs together."},
    Field{"grp_tres_mins", "GrpTRESMins", Form::tres, "", "",
          "Minutes times amount, of all its jobs past and running."},
    Field{"grp_tres_run_mins", "GrpTRESRunMins", Form::tres, "", "",
          "Minutes times amount that all its running jobs may still use."},
    Field{"grp_jobs", "GrpJobs", Form::count, "", "-1", "Its running jobs."},
    Field{"grp_jobs_accrue", "GrpJobsAccrue", Form::count, "", "-1",
          "Its pending jobs whose priority grows with their age."},
    Field{"grp_submit_jobs", "GrpSubmitJobs", Form::count, "", "-1", "Its running and pending jobs."},
    Field{"grp_wall", "GrpWall", Form::minutes, "", "-1", "Wall time of all its jobs together."},
    Field{"max_tres_per_job", "MaxTRESPerJob", Form::tres, "", "", "Of one job."},
    Field{"max_tres_per_node", "MaxTRESPerNode", Form::tres, "", "", "Of one job on one node."},
    Field{"max_tres_mins_per_job", "MaxTRESMinsPerJob", Form::tres, "", "",
          "Minutes times amount of one job."},
    Field{"max_tres_per_user", "MaxTRESPerUser", Form::tres, "", "",
          "Of all running jobs of one user. A portal that submits for all under its own name is one user."},
    Field{"max_tres_per_account", "MaxTRESPerAccount", Form::tres, "", "",
          "Of all running jobs of one account."},
    Field{"max_tres_run_mins_per_user", "MaxTRESRunMinsPU", Form::tres, "", "",
          "Minutes times amount that the running jobs of one user may still use."},
    Field{"max_tres_run_mins_per_account", "MaxTRESRunMinsPA", Form::tres, "", "",
          "Minutes times amount that the running jobs of one account may still use."},
    Field{"max_jobs_per_user", "MaxJobsPerUser", Form::count, "", "-1", "Running jobs of one user."},
    Field{"max_jobs_per_account", "MaxJobsPerAccount", Form::count, "", "-1", "Running jobs of one account."},
    Field{"max_jobs_accrue_per_user", "MaxJobsAccruePerUser", Form::count, "", "-1",
          "Pending jobs of one user whose priority grows with their age."},
    Field{"max_jobs_accrue_per_account", "MaxJobsAccruePerAccount", Form::count, "", "-1",
          "Pending jobs of one account whose priority grows with their age."},
    Field{"max_submit_jobs_per_user", "MaxSubmitJobsPerUser", Form::count, "", "-1",
          "Running and pending jobs of one user."},
    Field{"max_submit_jobs_per_account", "MaxSubmitJobsPerAccount", Form::count, "", "-1",
          "Running and pending jobs of one account."},
    Field{"max_wall", "MaxWallDurationPerJob", Form::minutes, "", "-1", "Wall time of one job."},
    Field{"min_tres_per_job", "MinTRESPerJob", Form::tres, "", "", "The least that a job must ask for."},
    Field{"min_prio_threshold", "MinPrioThresh", Form::count, "", "-1",
          "The least priority with which a job may reserve resources."},
};

constexpr std::array association_table{
    Field{"qos", "QOS", Form::names, "", "",
          "The QoS that may be used; without it those of the account above."},
    Field{"default_qos", "DefaultQOS", Form::name, "", "-1", "The QoS of jobs that name none."},
    Field{"fairshare", "FairShare", Form::shares, "1", "1",
          "Shares of what the account above has, or `parent` to share as one with all there."},
    Field{"priority", "Priority", Form::count, "", "-1", "What it adds to the priority of a job."},
    Field{"grp_tres", "GrpTRES", Form::tres, "", "", "Of all running jobs of it and below it."},
    Field{"grp_tres_mins", "GrpTRESMins", Form::tres, "", "",
          "Minutes times amount, of all jobs past and running of it and below it."},
    Field{"grp_tres_run_mins", "GrpTRESRunMins", Form::tres, "", "",
          "Minutes times amount that all running jobs of it and below it may still use."},
    Field{"grp_jobs", "GrpJobs", Form::count, "", "-1", "Running jobs of it and below it."},
    Field{"grp_jobs_accrue", "GrpJobsAccrue", Form::count, "", "-1",
          "Pending jobs of it and below it whose priority grows with their age."},
    Field{"grp_submit_jobs", "GrpSubmitJobs", Form::count, "", "-1",
          "Running and pending jobs of it and below it."},
    Field{"grp_wall", "GrpWall", Form::minutes, "", "-1",
          "Wall time of all jobs of it and below it together."},
    Field{"max_tres_per_job", "MaxTRESPerJob", Form::tres, "", "", "Of one job."},
    Field{"max_tres_per_node", "MaxTRESPerNode", Form::tres, "", "", "Of one job on one node."},
    Field{"max_tres_mins_per_job", "MaxTRESMinsPerJob", Form::tres, "", "",
          "Minutes times amount of one job."},
    Field{"max_jobs", "MaxJobs", Form::count, "", "-1", "Running jobs of each user."},
    Field{"max_jobs_accrue", "MaxJobsAccrue", Form::count, "", "-1",
          "Pending jobs of each user whose priority grows with their age."},
    Field{"max_submit_jobs", "MaxSubmitJobs", Form::count, "", "-1",
          "Running and pending jobs of each user."},
    Field{"max_wall", "MaxWallDurationPerJob", Form::minutes, "", "-1", "Wall time of one job."},
    Field{"min_prio_threshold", "MinPrioThresh", Form::count, "", "-1",
          "The least priority with which a job may reserve resources."},
};

constexpr std::array user_table{
    Field{"default_account", "DefaultAccount", Form::name, "", "",
          "The account of jobs that name none; without it whatever it is stays."},
    Field{"admin_level", "AdminLevel", Form::word, "none", "none", "What the user may do in sacctmgr.",
          admin_levels},
};

constexpr std::array account_table{
    Field{"parent", "ParentName", Form::name, "root", "root", "The account above it."},
    Field{"organization", "Organization", Form::text, "", "", "Whose it is."},
    Field{"description", "Description", Form::text, "", "", "What it is for."},
};

constexpr std::array description_table{
    Field{"description", "Description", Form::text, "", "", "What it is for."},
};

const Field* find_in(std::span<const Field> fields, std::string_view key) {
  const auto found = std::ranges::find(fields, key, &Field::key);
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Field> qos_fields() { return qos_table; }
std::span<const Field> association_fields() { return association_table; }
std::span<const Field> user_fields() { return user_table; }

const Field* find_field(std::string_view kind, std::string_view key) {
  if (kind == "slurm_user") return find_in(user_table, key);
  if (kind == "slurm_qos") {
    const auto* field = find_in(qos_table, key);
    return field == nullptr ? find_in(description_table, key) : field;
  }
  if (kind == "slurm_account")
    if (const auto* field = find_in(account_table, key)) return field;
  return find_in(association_table, key);
}

}  // namespace tidelock::slurm
