#include "engine/base/source.hpp"

#include <fmt/format.h>

namespace tidelock {

std::string_view SourceFile::line(std::uint32_t number) const {
  std::string_view rest = text;
  for (std::uint32_t skipped = 1; skipped < number; ++skipped) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  rest = rest.substr(0, rest.find('\n'));
  if (rest.ends_with('\r')) rest.remove_suffix(1);
  return rest;
}

std::string to_string(const Location& at) {
  if (!at.known()) return {};
  if (at.line == 0) return at.file->name;
  return fmt::format("{}:{}:{}", at.file->name, at.line, at.column);
}

}  // namespace tidelock
