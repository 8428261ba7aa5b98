#include "providers/slurm/conf/fields.hpp"

#include <algorithm>
#include <array>

namespace tidelock::slurm {
namespace {

constexpr std::array<std::string_view, 4> partition_states{"up", "down", "drain", "inactive"};
constexpr std::array<std::string_view, 3> node_states{"unknown", "cloud", "future"};

constexpr std::array partition_table{
    ConfField{"allow_accounts", "AllowAccounts", ConfForm::names, "all",
              "Accounts that may use it; all without it."},
    ConfField{"allow_groups", "AllowGroups", ConfForm::names, "all",
              "Groups whose members may use it; all without it."},
    ConfField{"allow_qos", "AllowQos", ConfForm::names, "all",
              "QoS that jobs in it may have; all without it."},
    ConfField{"alloc_nodes", "AllocNodes", ConfForm::names, "all", "Nodes from which jobs may be submitted."},
    ConfField{"alternate", "Alternate", ConfForm::text, "", "The partition used when this one is down."},
    ConfField{"cpu_bind", "CpuBind", ConfForm::text, "", "How tasks are bound to cpus by default."},
    ConfField{"default", "Default", ConfForm::flag, "no", "Where jobs go that name no partition."},
    ConfField{"default_time", "DefaultTime", ConfForm::wall, "",
              "Time limit of a job that asks for none; max_time without it."},
    ConfField{"def_cpu_per_gpu", "DefCpuPerGPU", ConfForm::count, "", "Cpus for each GPU, by default."},
    ConfField{"def_mem_per_cpu", "DefMemPerCPU", ConfForm::megabytes, "", "Memory for each cpu, by default."},
    ConfField{"def_mem_per_gpu", "DefMemPerGPU", ConfForm::megabytes, "", "Memory for each GPU, by default."},
    ConfField{"def_mem_per_node", "DefMemPerNode", ConfForm::megabytes, "",
              "Memory of a job on a node, by default."},
    ConfField{"deny_accounts", "DenyAccounts", ConfForm::names, "", "Accounts that may not use it."},
    ConfField{"deny_qos", "DenyQos", ConfForm::names, "", "QoS that jobs in it may not have."},
    ConfField{"disable_root_jobs", "DisableRootJobs", ConfForm::flag, "no", "Whether root may run no jobs."},
    ConfField{"exclusive_user", "ExclusiveUser", ConfForm::flag, "no",
              "Whether a node has jobs of one user at a time."},
    ConfField{"grace_time", "GraceTime", ConfForm::seconds, "0", "How long a job that is preempted may run."},
    ConfField{"hidden", "Hidden", ConfForm::flag, "no", "Whether sinfo and squeue leave it out."},
    ConfField{"job_defaults", "JobDefaults", ConfForm::text, "", "Defaults of jobs, as DefCpuPerGPU=4."},
    ConfField{"lln", "LLN", ConfForm::flag, "no", "Whether jobs go to the least loaded nodes."},
    ConfField{"max_cpus_per_node", "MaxCPUsPerNode", ConfForm::limit, "unlimited",
              "Cpus of a node that its jobs may have together."},
    ConfField{"max_mem_per_cpu", "MaxMemPerCPU", ConfForm::megabytes, "", "The most memory for each cpu."},
    ConfField{"max_mem_per_node", "MaxMemPerNode", ConfForm::megabytes, "", "The most memory on a node."},
    ConfField{"max_nodes", "MaxNodes", ConfForm::limit, "unlimited", "Nodes of one job."},
    ConfField{"max_time", "MaxTime", ConfForm::wall, "unlimited", "Time limit of one job."},
    ConfField{"min_nodes", "MinNodes", ConfForm::count, "0", "The fewest nodes of one job."},
    ConfField{"over_subscribe", "OverSubscribe", ConfForm::caseless, "no",
              "How jobs share cpus: no, exclusive, yes:N or force:N.", "Shared"},
    ConfField{"over_time_limit", "OverTimeLimit", ConfForm::limit, "",
              "Minutes that a job may run over its limit."},
    ConfField{"preempt_mode", "PreemptMode", ConfForm::caseless, "", "What becomes of its preempted jobs."},
    ConfField{"priority_job_factor", "PriorityJobFactor", ConfForm::count, "1",
              "What it adds to the priority of its jobs."},
    ConfField{"priority_tier", "PriorityTier", ConfForm::count, "1",
              "Jobs of a higher tier are looked at first."},
    ConfField{"qos", "QOS", ConfForm::text, "", "The QoS whose limits are the partition's."},
    ConfField{"req_resv", "ReqResv", ConfForm::flag, "no", "Whether jobs need a reservation."},
    ConfField{"resume_timeout", "ResumeTimeout", ConfForm::seconds, "", "How long a node may take to start."},
    ConfField{"root_only", "RootOnly", ConfForm::flag, "no", "Whether only root may allocate."},
    ConfField{"select_type_parameters", "SelectTypeParameters", ConfForm::caseless, "",
              "What is allocated here: CR_Core, CR_Core_Memory, CR_Socket, CR_Socket_Memory."},
    ConfField{"state",
              "State",
              ConfForm::word,
              "up",
              "What it starts as. What somebody sets with scontrol stays until slurmctld starts again.",
              {},
              partition_states},
    ConfField{"suspend_time", "SuspendTime", ConfForm::seconds, "",
              "Idle time after which a node is suspended."},
    ConfField{"suspend_timeout", "SuspendTimeout", ConfForm::seconds, "",
              "How long a node may take to stop."},
    ConfField{"tres_billing_weights", "TRESBillingWeights", ConfForm::text, "",
              "What its resources cost, as CPU=1.0,Mem=0.25G."},
};

constexpr std::array node_table{
    ConfField{"address", "NodeAddr", ConfForm::text, "", "Where slurmd is reached; its name without it."},
    ConfField{"boards", "Boards", ConfForm::count, "", "Baseboards."},
    ConfField{"core_spec_count", "CoreSpecCount", ConfForm::count, "", "Cores kept for the system."},
    ConfField{"cores_per_socket", "CoresPerSocket", ConfForm::count, "", "Cores of a socket."},
    ConfField{"cpu_spec_list", "CpuSpecList", ConfForm::text, "", "Cpus kept for the system."},
    ConfField{"cpus", "CPUs", ConfForm::count, "", "Cpus; as `nodes` says without it.", "Procs"},
    ConfField{"features", "Features", ConfForm::names, "", "Words that jobs can ask for.", "Feature"},
    ConfField{"gres", "Gres", ConfForm::amounts, "", "Generic resources; as `nodes` says without it."},
    ConfField{"hostname", "NodeHostname", ConfForm::text, "", "What the machine calls itself."},
    ConfField{"mem_spec_limit", "MemSpecLimit", ConfForm::megabytes, "", "Memory kept for the system."},
    ConfField{"memory", "RealMemory", ConfForm::megabytes, "", "Memory; as `nodes` says without it."},
    ConfField{"port", "Port", ConfForm::count, "", "The port of its slurmd."},
    ConfField{"sockets", "Sockets", ConfForm::count, "", "Sockets."},
    ConfField{"sockets_per_board", "SocketsPerBoard", ConfForm::count, "", "Sockets of a baseboard."},
    ConfField{"state",
              "State",
              ConfForm::word,
              "unknown",
              "What it is taken for before it answers.",
              {},
              node_states},
    ConfField{"threads_per_core", "ThreadsPerCore", ConfForm::count, "", "Threads of a core."},
    ConfField{"tmp_disk", "TmpDisk", ConfForm::megabytes, "", "Space in TmpFS."},
    ConfField{"weight", "Weight", ConfForm::count, "1", "Nodes of less weight are taken first."},
};

}  // namespace

std::span<const ConfField> partition_fields() { return partition_table; }
std::span<const ConfField> node_fields() { return node_table; }

const ConfField* find_conf_field(std::string_view kind, std::string_view key) {
  const auto fields = kind == "slurm_partition" ? partition_fields()
                      : kind == "slurm_node"    ? node_fields()
                                                : std::span<const ConfField>();
  const auto found = std::ranges::find(fields, key, &ConfField::key);
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace tidelock::slurm
