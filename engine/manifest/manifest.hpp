#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/base/diagnostic.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"
#include "engine/manifest/node.hpp"
#include "engine/manifest/schema.hpp"

namespace tidelock {

enum class Become : std::uint8_t { none, sudo };

/// How hosts are reached. Paths are absolute; `~` is the home of whoever runs us.
struct Connection {
  std::optional<std::string> user;  ///< none: what ssh's own configuration says, or the local user
  Become become = Become::none;
  std::vector<std::filesystem::path> identities;   ///< none: what ssh's own configuration says, and the agent
  std::vector<std::filesystem::path> known_hosts;  ///< none: ssh's own files
};

struct Transfers {
  unsigned parallel = 4;
  std::optional<std::int64_t> bandwidth;  ///< bits a second, of all transfers together
};

/// A path below which all nodes see one file system: written once, on `apply_on`, and checked on all.
struct SharedFilesystem {
  std::string path;
  std::string apply_on;
  Location at;
};

/// One machine of the cluster.
struct ClusterNode {
  std::string name;
  std::string address;
  std::string type;
  std::optional<std::uint16_t> port;
  std::optional<std::int64_t> cpus;
  std::optional<std::int64_t> memory;        ///< bytes
  std::map<std::string, std::int64_t> gres;  ///< "gpu" → 1
  Location at;
};

/// One section's body for the nodes of one type, or for the cluster: `extends` merged, variables put in, path
/// keys normal, schema checked.
struct Section {
  std::string name;  ///< "directories"
  Node body;
  std::vector<std::string>
      hosts;              ///< the nodes of the type, in manifest order; empty for a section of the cluster
  std::string node_type;  ///< empty for a section of the cluster
};

struct NodeType {
  std::string name;
  Location at;
  std::vector<std::string> lineage;  ///< itself, then what it extends, nearest first
};

/// How much every host remembers of what was there before: both limits hold.
struct HistoryLimits {
  std::int64_t runs = 20;
  std::int64_t bytes = 5'000'000'000;
};

/// What becomes of a plan that jobs would feel: it is made, only after somebody was asked, or refused.
enum class JobPolicy : std::uint8_t { proceed, prompt, refuse };

struct Policy {
  HistoryLimits history;
  JobPolicy jobs = JobPolicy::proceed;
  std::int64_t max_deletions = 50;
  std::optional<std::int64_t> max_deletions_percent;
  std::map<std::string, std::int64_t> max_deletions_of;  ///< by kind
};

/// A resource that has a new name: what a ledger holds under the old one is meant by the new one. The kind
/// "cluster" stands for the cluster itself.
struct Renaming {
  std::string kind;
  std::string from;
  std::string to;
};

/// A manifest that was read, merged and checked. Constant afterwards.
struct Manifest {
  std::filesystem::path path;  ///< the file that was loaded first
  std::string cluster;
  Connection connection;
  Transfers transfers;
  Policy policy;
  std::vector<Renaming> moved;
  std::string lock_host;  ///< the node that keeps the cluster's lock
  std::vector<SharedFilesystem> filesystems;
  std::vector<ClusterNode> nodes;  ///< in manifest order, host lists expanded
  std::map<std::string, NodeType> node_types;
  std::vector<Section> sections;  ///< of node types that have nodes, then of the cluster; in manifest order
  std::string digest;             ///< SHA-256 over the texts of all files read
  bool partial = false;           ///< resources with something wrong in them were left out

  [[nodiscard]] const ClusterNode* find_node(std::string_view name) const;
};

/// The file a MANIFEST argument means: itself, or `cluster.yaml` in that folder.
[[nodiscard]] std::filesystem::path manifest_path(const std::filesystem::path& argument);

/// Reads a manifest with all it includes and extends. Everything wrong is in `diagnostics`, warnings as well;
/// there is a manifest exactly when `diagnostics` has no errors.
[[nodiscard]] std::optional<Manifest> load_manifest(const std::filesystem::path& path, const Schema& schema,
                                                    Diagnostics& diagnostics);

/// The same, but where something is wrong there is a manifest of what is not, as far as that can be: for
/// finding what is wrong beyond the schema in the same run, and for nothing else.
[[nodiscard]] std::optional<Manifest> load_sound_part(const std::filesystem::path& path, const Schema& schema,
                                                      Diagnostics& diagnostics);

/// The bytes behind a `!env`, `!file` or `!command` scalar. `!command` runs `/bin/sh -c` on this machine with
/// a deadline of 60 s; one trailing newline of its output is dropped. The error never holds any of the
/// output.
[[nodiscard]] Result<Secret> resolve_secret(const Node& scalar, const Cancellation& cancel);

/// A local path of the manifest, resolved against the folder of the file that wrote it; `~/` is the home
/// folder.
[[nodiscard]] std::filesystem::path local_path(const Node& scalar);

}  // namespace tidelock
