#include "providers/nginx/configuration/edit.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tidelock::nginx {
namespace {

/// Ends the comment of an include line that broke a line in two: the line end before it is its own.
constexpr std::string_view breaks_line = " (and the line end before this)";

std::size_t line_begin(std::string_view bytes, std::size_t place) {
  const auto before = place == 0 ? std::string_view::npos : bytes.rfind('\n', place - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

/// Behind the line end; the end of the text where there is none.
std::size_t line_end(std::string_view bytes, std::size_t place) {
  const auto end = bytes.find('\n', place);
  return end == std::string_view::npos ? bytes.size() : end + 1;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

/// As the lines of the file end.
std::string_view ending(std::string_view bytes) {
  const auto end = bytes.find('\n');
  return end != std::string_view::npos && end > 0 && bytes[end - 1] == '\r' ? "\r\n" : "\n";
}

std::string cut(std::string_view bytes, Range range) {
  return std::string(bytes.substr(0, range.begin)).append(bytes.substr(range.end));
}

}  // namespace

std::string_view indentation(std::string_view bytes, std::size_t place) {
  const auto begin = line_begin(bytes, place);
  const auto end = std::min(bytes.find_first_not_of(" \t", begin), place);
  return bytes.substr(begin, std::min(end, bytes.size()) - begin);
}

std::string with_include(std::string_view bytes, std::size_t anchor, std::string_view path,
                         std::string_view remark) {
  const auto begin = line_begin(bytes, anchor);
  const bool first = is_blank(bytes.substr(begin, anchor - begin));
  const auto end = ending(bytes);
  auto indent = std::string(indentation(bytes, anchor));
  if (anchor < bytes.size() && bytes[anchor] == '}') indent += indent.starts_with('\t') ? "\t" : "    ";
  const auto line = fmt::format("{}include {}; # {}", indent, spelt(path), remark);
  std::string result(bytes.substr(0, first ? begin : anchor));
  if (first)
    result.append(line).append(end);
  else
    result.append(end).append(line).append(breaks_line).append(end);
  return result.append(bytes.substr(first ? begin : anchor));
}

std::string without_include(std::string_view bytes, Range directive) {
  const auto begin = line_begin(bytes, directive.begin);
  const auto end = line_end(bytes, directive.end);
  auto rest = bytes.substr(directive.end, end - directive.end);
  rest = rest.substr(0, std::min(rest.find_last_not_of("\r\n") + 1, rest.size()));
  const auto comment = rest.find_first_not_of(" \t");
  const bool alone = is_blank(bytes.substr(begin, directive.begin - begin)) &&
                     (comment == std::string_view::npos || rest[comment] == '#');
  if (!alone) return cut(bytes, directive);
  if (!rest.ends_with(breaks_line) || begin == 0) return cut(bytes, {begin, end});
  const bool carriage = begin > 1 && bytes[begin - 2] == '\r' && bytes.substr(0, end).ends_with("\r\n");
  return cut(bytes, {begin - (carriage ? 2 : 1), end});
}

std::string without(std::string_view bytes, Range range) {
  const auto begin = line_begin(bytes, range.begin);
  const auto end = line_end(bytes, range.end);
  const bool alone = is_blank(bytes.substr(begin, range.begin - begin)) &&
                     is_blank(bytes.substr(range.end, end - range.end));
  return cut(bytes, alone ? Range{begin, end} : range);
}

}  // namespace tidelock::nginx
