#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tidelock::slurm {

// What is known of a cluster when job scripts are checked, from the manifest or from the living cluster.
// Whatever is not set is unknown, and nothing is said about what it would decide. Sizes are bytes, times are
// seconds.

/// Devices by name: "gpu", or "gpu:v100" for those of a type, as Gres in slurm.conf(5). A device stands under
/// one of the two only.
using GresCounts = std::map<std::string, std::uint64_t>;

/// Limits by TRES as sacctmgr names them: "cpu", "mem" (bytes), "node", "gres/gpu", "gres/gpu:v100". What is
/// not there is unlimited.
using TresLimits = std::map<std::string, std::uint64_t>;

struct ClusterNode {
  std::string name;
  std::optional<std::uint64_t> cpus;    ///< CPUs as slurm.conf counts them, threads included
  std::optional<std::uint64_t> memory;  ///< RealMemory
  std::optional<GresCounts> gres;       ///< all that it has; empty: none
};

struct ClusterPartition {
  std::string name;
  std::optional<std::vector<std::string>> nodes;   ///< all of them, also those that are down for repair
  std::optional<std::uint64_t> max_time;           ///< none: unlimited or unknown
  std::optional<std::set<std::string>> allow_qos;  ///< none: ALL
  std::optional<std::set<std::string>> deny_qos;   ///< Slurm looks at it only where there is no allow_qos
  std::optional<std::set<std::string>> allow_accounts;  ///< none: ALL
  /// The QoS that the partition has of its own (QOS= in slurm.conf): its limits go before those of the job's
  /// QoS.
  std::optional<std::string> qos;
  bool is_default = false;
};

struct ClusterQos {
  std::string name;
  std::optional<std::uint64_t> max_wall;
  TresLimits max_tres_per_job;
  TresLimits max_tres_per_user;
  bool over_partition_qos = false;  ///< flag OverPartQOS: its limits go before those of the partition's QoS
  bool ignores_partition_time = false;  ///< flag PartitionTimeLimit: jobs may run longer than max_time
};

struct ClusterAccount {
  std::string name;
  std::optional<std::string> parent;  ///< a partition that allows an account allows those below it (Slurm 24)
};

/// A user's association with an account.
struct ClusterAssociation {
  std::optional<std::set<std::string>> qos;  ///< those that it has in effect, inherited ones included
  std::optional<std::string> default_qos;
};

struct ClusterUser {
  std::string name;
  std::optional<std::string> default_account;
  std::map<std::string, ClusterAssociation> accounts;  ///< all of them
  bool is_operator = false;  ///< AdminLevel Operator or Administrator: every QoS is open to such a user
};

struct ClusterImages {
  /// By node the absolute paths of the images that are there. A node that is missing here is unknown.
  std::map<std::string, std::set<std::string>> on;
  /// Folders below which there may be images that nobody told of: shared file systems, users' homes.
  std::vector<std::string> untold;
};

/// `qos`, `accounts` and `users` must stay unset for a cluster that does not enforce them
/// (AccountingStorageEnforce in slurm.conf): Slurm then takes any name, and limits mean nothing.
struct ClusterFacts {
  std::optional<std::vector<ClusterNode>> nodes;
  std::optional<std::vector<ClusterPartition>> partitions;
  std::optional<std::vector<ClusterQos>> qos;
  std::optional<std::vector<ClusterAccount>> accounts;
  std::optional<std::vector<ClusterUser>> users;
  std::optional<ClusterImages> images;
};

}  // namespace tidelock::slurm
