#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/source_digests.hpp"
#include "providers/files/tree.hpp"

namespace tidelock::files {

/// What was found in a local folder, and what is wrong with it: paths with reasons, for people.
struct TreeSource {
  std::shared_ptr<Tree> tree;
  std::vector<std::string> problems;
};

/// Reads a folder to be sent as a whole. Only directories, regular files, and links that stay inside can be
/// sent.
[[nodiscard]] TreeSource read_tree(const std::filesystem::path& folder, std::vector<std::string> exclude,
                                   SourceDigests& digests);

}  // namespace tidelock::files
