#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "engine/model/graph.hpp"
#include "engine/probe/recording.hpp"

namespace tidelock::bench {

inline constexpr std::size_t resources_per_host = 100;

enum class Drift : std::uint8_t {
  none,         ///< every host is as declared
  one_percent,  ///< one resource a host is not: another one on each
};

/// A cluster that exists as a manifest in a temporary folder and as what its hosts would answer. Each host
/// has 30 directories, 68 files and 2 images, and a ledger that knows them all.
class MadeCluster {
 public:
  MadeCluster(std::size_t hosts, Drift drift);
  ~MadeCluster();
  MadeCluster(const MadeCluster&) = delete;
  MadeCluster& operator=(const MadeCluster&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] std::filesystem::path manifest() const { return folder_ / "cluster.yaml"; }
  [[nodiscard]] std::filesystem::path cache() const { return folder_ / "cache"; }
  [[nodiscard]] const Recording& recording() const { return recording_; }

 private:
  std::filesystem::path folder_;
  Recording recording_;
};

}  // namespace tidelock::bench
