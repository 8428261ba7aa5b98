#pragma once

#include <string>
#include <vector>

#include "providers/slurm/conf/fields.hpp"
#include "providers/slurm/conf/files.hpp"
#include "providers/slurm/configuration/node_lines.hpp"
#include "providers/slurm/configuration/query.hpp"

namespace tidelock::slurm {

/// What a line says on its own for a key, in one of its spellings; null when it says nothing.
[[nodiscard]] const Pair* own_pair(const Statement& statement, const ConfField& field);

/// The resource that a line of gres.conf is about: "gpu", "gpu:v100".
[[nodiscard]] std::string resource_of(const Statement& statement);

/// What one file says of nodes, looked up once: thousands of them may stand in it.
struct ConfigurationFiles::Index {
  explicit Index(const ConfigurationText& text);
  /// None where they cannot be told.
  [[nodiscard]] const NodeLines& nodes() const;

  Defaults defaults;
  Result<NodeLines> lines;
  std::vector<std::size_t> for_all;  ///< lines of gres.conf without NodeName, which are for every node
};

}  // namespace tidelock::slurm
