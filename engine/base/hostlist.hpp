#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace tidelock {

/// More names than any real cluster has; a list that expands to more is a typing error.
inline constexpr std::size_t max_hostlist_size = 65'536;

/// The names a Slurm host list stands for, in the order written: "node[001-003,7],login" gives node001,
/// node002, node003, node7, login. Syntax as in slurm.conf(5), NodeName; several brackets multiply, the last
/// one fastest. A range keeps the width of its lower end. Refused: unbalanced brackets, backward ranges,
/// duplicates, names of more than 255 bytes or eight brackets, and lists of more than `max_hostlist_size`
/// names (before they are built).
[[nodiscard]] Result<std::vector<std::string>> expand_hostlist(std::string_view text);

/// The shortest usual way to write these names: node[001-003,007],login. Names are folded by their last
/// number; order is by prefix as first seen, then by number. `expand_hostlist` gives the same set back.
[[nodiscard]] std::string fold_hosts(std::span<const std::string> names);

/// The words that a brace list stands for, as in bash: "/scratch/{a,b}" gives /scratch/a and /scratch/b;
/// braces may nest. Braces without a comma stay as they are. Refused: unbalanced braces with a comma, texts
/// of more than 64 KiB, and whatever makes more than `max_hostlist_size` words or 16 MiB.
[[nodiscard]] Result<std::vector<std::string>> expand_braces(std::string_view text);

}  // namespace tidelock
