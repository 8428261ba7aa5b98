#include "engine/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>
#include <fnmatch.h>

namespace tidelock {
namespace {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< 0: not UTF-8
};

CodePoint decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  char32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {};
    value = value << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[length] || value > 0x10FFFF || surrogate) return {};
  return {value, length};
}

/// Characters that would move the cursor, or show the text in another order than it is.
bool disturbs_terminal(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string escaped(std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\t") return "\\t";
  std::string out;
  for (const char c : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last.back();
}

std::size_t length_difference(std::string_view a, std::string_view b) {
  return a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = decode(text);
    const auto bytes = text.substr(0, std::max<std::size_t>(point.length, 1));
    const bool safe = point.length > 0 && !disturbs_terminal(point.value);
    out += safe ? std::string(bytes) : escaped(bytes);
    text.remove_prefix(bytes.size());
  }
  return out;
}

std::string shown(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(" \"'\\") == std::string_view::npos;
  if (plain && printable(text) == text) return std::string(text);
  std::string out = "\"";
  for (auto at = text.find_first_of("\"\\"); at != std::string_view::npos; at = text.find_first_of("\"\\")) {
    out += printable(text.substr(0, at)) + '\\' + text[at];
    text.remove_prefix(at + 1);
  }
  return out + printable(text) + '"';
}

std::size_t valid_utf8(std::string_view text) {
  std::size_t valid = 0;
  while (valid < text.size()) {
    const auto point = decode(text.substr(valid));
    if (point.length == 0) break;
    valid += point.length;
  }
  return valid;
}

bool is_utf8(std::string_view text) { return valid_utf8(text) == text.size(); }

std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates) {
  std::optional<std::string> best;
  std::size_t limit =
      std::max<std::size_t>(1, word.size() / 3) + 1;  // more than a third wrong is another word
  for (const auto& candidate : candidates) {
    if (length_difference(word, candidate) >= limit) continue;
    const auto distance = edit_distance(word, candidate);
    const bool nothing_alike = distance >= std::max(word.size(), candidate.size());
    if (distance >= limit || nothing_alike) continue;
    limit = distance;
    best = candidate;
  }
  return best;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string count_of(std::size_t number, std::string_view singular) {
  return fmt::format("{} {}{}", number, singular, number == 1 ? "" : "s");
}

std::string human_bytes(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::array units{"kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string human_seconds(std::uint64_t seconds) {
  constexpr std::uint64_t minute = 60;
  constexpr std::uint64_t few = 100;  // up to here seconds say it best
  if (seconds < few) return fmt::format("{} s", seconds);
  const auto minutes = (seconds + (minute / 2)) / minute;
  if (minutes < minute) return fmt::format("{} min", minutes);
  if (minutes % minute == 0) return fmt::format("{} h", minutes / minute);
  return fmt::format("{} h {} min", minutes / minute, minutes % minute);
}

std::string as_glob(std::string_view text) {
  std::string pattern;
  for (const char c : text)
    pattern += c == '*' || c == '?' || c == '[' ? std::string{'[', c, ']'} : std::string{c};
  return pattern;
}

bool glob_matches(std::string_view pattern, std::string_view text) {
  if (pattern.contains('\0') || text.contains('\0')) return false;  // fnmatch would stop there
  return fnmatch(std::string(pattern).c_str(), std::string(text).c_str(), FNM_NOESCAPE) == 0;
}

}  // namespace tidelock
