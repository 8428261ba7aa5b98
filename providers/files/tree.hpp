#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/declaration.hpp"

namespace tidelock::files {

/// One thing in a tree: what counts of it.
struct TreeEntry {
  std::string name;  ///< path in the tree
  char type = 'f';  ///< 'd', 'f', 'x' for a file that its owner may run, 'l'; on hosts all that find(1) knows
  std::string content;  ///< of a file the SHA-256, of a link what it leads to
  std::uint64_t size = 0;

  bool operator==(const TreeEntry&) const = default;
};

/// A folder on this machine that goes to hosts as a whole.
struct Tree final : Payload {
  std::filesystem::path folder;
  std::string sha256;
  std::uint64_t size = 0;
  std::vector<TreeEntry> entries;     ///< in the order of their names
  std::vector<std::string> left_out;  ///< what there is that `exclude` matches; not what is in these
  std::vector<std::string> exclude;   ///< patterns
  std::int64_t keep = 3;
};

[[nodiscard]] inline const Tree* tree_of(const Declaration& declaration) {
  return dynamic_cast<const Tree*>(declaration.payload.get());
}

/// The digest of a whole tree: of types, names, what links lead to, and the digests of contents. `tree_sum`
/// in tree_steps.sh makes the same.
[[nodiscard]] std::string tree_digest(std::span<const TreeEntry> entries);

/// Whether one of the patterns matches this path or a folder above it. One without a slash is for names,
/// wherever they are; one with a slash for whole paths.
[[nodiscard]] bool is_excluded(std::string_view name, std::span<const std::string> patterns);

}  // namespace tidelock::files
