#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::slurm {

// Values of sbatch's options, as sbatch itself reads them. None stands for a text that is not understood
// here. Numbers that are too large to be held become very large ones; nothing wraps.

inline constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

[[nodiscard]] std::uint64_t product(std::uint64_t a, std::uint64_t b);

/// A whole number: `--ntasks` and the like (sbatch: decimal, not 0).
[[nodiscard]] std::optional<std::uint64_t> read_count(std::string_view text);

/// Bytes of `--mem` and the like: megabytes where there is no suffix; K, M, G, T, with or without a B, in any
/// case, each 1024 times the one before; K are rounded up to whole megabytes. 0 means all memory of a node.
[[nodiscard]] std::optional<std::uint64_t> read_memory(std::string_view text);

/// Seconds of `--time`: minutes, minutes:seconds, hours:minutes:seconds, days-hours, days-hours:minutes and
/// days-hours:minutes:seconds, rounded up to whole minutes. 0 and UNLIMITED give `unlimited`.
[[nodiscard]] std::optional<std::uint64_t> read_time(std::string_view text);

struct NodeCount {
  std::uint64_t min = 1;
  std::uint64_t max = unlimited;
};
/// `--nodes=2` and `--nodes=1-4`.
[[nodiscard]] std::optional<NodeCount> read_nodes(std::string_view text);

struct Gres {
  std::string name;  ///< "gpu"
  std::string type;  ///< "v100", or empty: any
  std::uint64_t count = 1;
};
/// `--gres=gpu:2,gpu:v100:1`; `none` and counts of 0 ask for nothing.
[[nodiscard]] std::optional<std::vector<Gres>> read_gres(std::string_view text);
/// `--gpus=2` and `--gpus-per-node=v100:2,t4:1`: the same without the name.
[[nodiscard]] std::optional<std::vector<Gres>> read_gpus(std::string_view text);

/// As sbatch takes it back: 3584M, 8G.
[[nodiscard]] std::string memory_text(std::uint64_t bytes);
/// 8:00:00, 2-00:00:00.
[[nodiscard]] std::string time_text(std::uint64_t seconds);
/// "gpu", "gpu:v100".
[[nodiscard]] std::string gres_text(const Gres& gres);

}  // namespace tidelock::slurm
