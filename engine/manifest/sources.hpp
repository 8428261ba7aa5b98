#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/budget.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// Larger files are no manifests; they are refused before they are read.
inline constexpr std::uintmax_t max_manifest_bytes = std::uintmax_t{4} << 20U;
inline constexpr std::size_t max_manifest_files = 1000;
/// How far includes, cluster files and node types may lead from one to the next.
inline constexpr std::size_t max_chain = 64;

/// One cluster file and everything it includes, in the order read. Each tree is a map, or null for an empty
/// file.
struct Layer {
  std::vector<Node> parts;
};

struct Sources {
  std::vector<Layer> layers;  ///< the manifest itself, then the cluster file it extends, and so on
  std::string digest;         ///< SHA-256 over the texts, in the order read
};

/// Reads a manifest, its includes, and the cluster files it extends. None when one of them could not be read.
[[nodiscard]] std::optional<Sources> read_sources(const std::filesystem::path& path, Budget& budget,
                                                  Diagnostics& diagnostics);

/// A path as a manifest spells it, against the folder of a file; `~` and `~/` are the home folder.
[[nodiscard]] std::filesystem::path resolved_path(const SourceFile* file, std::string_view text);

}  // namespace tidelock
