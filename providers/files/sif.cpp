#include "providers/files/sif.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::files {
namespace {

constexpr std::string_view magic{"SIF_MAGIC\0", 10};
constexpr std::size_t magic_at = 32;
constexpr std::size_t data_offset_at = 112;
constexpr std::size_t data_size_at = 120;

std::uint64_t little_endian(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i)
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

}  // namespace

std::optional<std::string> sif_problem(std::string_view beginning, std::uint64_t file_size) {
  if (beginning.size() < sif_header_size || beginning.substr(magic_at, magic.size()) != magic)
    return "it does not begin like a Singularity image (SIF)";
  const auto offset = little_endian(beginning, data_offset_at);
  const auto size = little_endian(beginning, data_size_at);
  constexpr std::uint64_t implausible = std::uint64_t{1} << 62U;  // also keeps the sum from wrapping
  if (offset < sif_header_size || offset > implausible || size > implausible)
    return "its header makes no sense";
  if (offset + size > file_size)
    return fmt::format("its header says {}, and the file has {}: it is cut short", human_bytes(offset + size),
                       human_bytes(file_size));
  return std::nullopt;
}

}  // namespace tidelock::files
