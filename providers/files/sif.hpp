#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidelock::files {

/// So many bytes of a file are enough for `sif_problem`.
inline constexpr std::size_t sif_header_size = 128;

/// Why a file with this beginning and size is no whole Singularity Image Format file; none when it looks
/// whole. Layout of the header: launch script 32 bytes, "SIF_MAGIC\0" at 32, version at 42, then
/// little-endian int64s, of which the data section's offset and size are at 112 and 120 (sif/pkg/sif,
/// header.go). A file may be longer than its header says, never shorter.
[[nodiscard]] std::optional<std::string> sif_problem(std::string_view beginning, std::uint64_t file_size);

}  // namespace tidelock::files
