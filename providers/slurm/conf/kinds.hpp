#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/slurm/conf/files.hpp"

namespace tidelock::slurm {

inline constexpr std::string_view partition_kind = "slurm_partition";
inline constexpr std::string_view node_kind = "slurm_node";
/// One parameter of slurm.conf, by its name.
inline constexpr std::string_view parameter_kind = "slurm_config";
/// The configuration's files on one host; what they are to be follows from those of the first controller.
inline constexpr std::string_view files_kind = "slurm_files";

/// All of them stand together: the configuration is to be the same on all hosts.
inline constexpr std::string_view conf_group = "slurm.conf";
/// Attribute of a parameter: its values.
inline constexpr std::string_view parameter_value = "value";
/// Attribute of the first controller's files: slurmctld works with what they say.
inline constexpr std::string_view files_loaded = "loaded";

[[nodiscard]] bool is_conf_kind(std::string_view kind);

/// How a declaration of `files_kind` is carried out.
struct FilesPlan final : Payload {
  bool lead = false;    ///< on the first controller
  bool backup = false;  ///< on another controller
  KeptPaths kept;       ///< of what there was before: where the host keeps it
};

/// What the first controller's answers say of its configuration.
struct ConfSeen final : Payload {
  ConfigurationFiles files;
  std::map<std::string, std::string> texts;  ///< by path, of the files that are there
  std::string version;                       ///< of slurmctld; empty when it does not answer
};

/// One file that changes.
struct FileChange {
  std::string path;
  std::string seen;    ///< SHA-256 of what is there; "none" for nothing
  std::string sha256;  ///< of what comes
  std::string bytes;
  std::string kept;  ///< where the host keeps what comes, instead of `bytes`
};

/// What the steps of a host do. All its changes carry the same one.
struct ConfChange final : Payload {
  std::vector<FileChange> files;
  bool lead = false;
  bool restart = false;         ///< slurmctld (on the first controller) or slurmd has to be restarted
  bool restart_backup = false;  ///< the slurmctld of another controller has to be restarted
  bool reread = false;          ///< daemons of this host have to be told; otherwise slurmctld does it
  std::string slurm_user = "root";
  std::vector<std::string> hosts;  ///< all that the configuration that comes speaks of, for a trial
};

/// Tells a change as whom slurmctld runs and which names a trial has to know.
void prepare_trial(ConfChange& change, const ConfigurationFiles& files);

[[nodiscard]] inline const FilesPlan* files_plan(const Declaration& declaration) {
  return dynamic_cast<const FilesPlan*>(declaration.payload.get());
}

[[nodiscard]] DeclarationPtr recall_conf(const ResourceKey& key, const Attributes& attributes,
                                         const KeptPaths& kept);
/// Attributes that are no longer declared go back to what a line says by itself.
[[nodiscard]] Attributes reset_conf(const Declaration& declaration, const Attributes& applied);

}  // namespace tidelock::slurm
