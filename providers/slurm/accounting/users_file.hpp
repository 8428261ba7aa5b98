#pragma once

#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock::slurm {

/// The users of a file of comma-separated values, as `slurm.users` would have them. `path` is the manifest's
/// scalar that names it. Fields are as RFC 4180 has them; `#` at the beginning of a line makes it a comment.
/// What is wrong goes to `diagnostics` with its place in that file, and the line is left out.
[[nodiscard]] std::vector<Node::Entry> read_users(const Node& path, Diagnostics& diagnostics);

}  // namespace tidelock::slurm
