#include <algorithm>

#include "providers/nginx/configuration/text.hpp"

namespace tidelock::nginx {
namespace {

/// The place behind a long bracket that opens at `begin`; `begin` itself where none does.
std::size_t behind_long_bracket(std::string_view bytes, std::size_t begin) {
  if (begin >= bytes.size() || bytes[begin] != '[') return begin;
  const auto second = bytes.find_first_not_of('=', begin + 1);
  if (second == std::string_view::npos || bytes[second] != '[') return begin;
  const auto close = "]" + std::string(second - begin - 1, '=') + "]";
  const auto end = bytes.find(close, second + 1);
  return end == std::string_view::npos ? bytes.size() : end + close.size();
}

/// A string of one line; a line end that is not escaped ends it as well.
std::size_t behind_string(std::string_view bytes, std::size_t begin) {
  auto end = begin + 1;
  while (end < bytes.size() && bytes[end] != bytes[begin] && bytes[end] != '\n')
    end += bytes[end] == '\\' ? 2 : 1;
  return std::min(end + 1, bytes.size());
}

std::size_t behind_comment(std::string_view bytes, std::size_t begin) {
  const auto end = behind_long_bracket(bytes, begin + 2);
  return end != begin + 2 ? end : std::min(bytes.find('\n', begin), bytes.size());
}

}  // namespace

std::optional<std::size_t> end_of_lua(std::string_view bytes, std::size_t begin) {
  std::size_t open = 1;
  for (auto i = begin; i < bytes.size();) {
    const char c = bytes[i];
    if (c == '"' || c == '\'') {
      i = behind_string(bytes, i);
    } else if (bytes.substr(i, 2) == "--") {
      i = behind_comment(bytes, i);
    } else if (const auto end = behind_long_bracket(bytes, i); end != i) {
      i = end;
    } else {
      if (c == '{') ++open;
      if (c == '}' && --open == 0) return i + 1;
      ++i;
    }
  }
  return std::nullopt;
}

}  // namespace tidelock::nginx
