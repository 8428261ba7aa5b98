#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t max_duration = 36'500 * day;

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array units{Unit{'d', day}, Unit{'h', hour}, Unit{'m', minute}, Unit{'s', 1}};

std::optional<std::int64_t> whole_number(std::string_view digits) {
  const bool numeric = !digits.empty() && digits.size() <= 12 &&
                       std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!numeric) return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

/// `1h30m`: units from large to small, each at most once.
std::optional<std::int64_t> with_units(std::string_view text) {
  std::int64_t seconds = 0;
  if (text.empty()) return std::nullopt;
  for (const auto& unit : units) {
    const auto end = text.find_first_not_of("0123456789");
    if (end == std::string_view::npos || text[end] != unit.letter) continue;
    const auto number = whole_number(text.substr(0, end));
    if (!number || *number > max_duration) return std::nullopt;
    seconds += *number * unit.seconds;
    text.remove_prefix(end + 1);
  }
  return text.empty() ? std::optional(seconds) : std::nullopt;
}

/// `HH:MM:SS`, and `D-HH:MM:SS` as Slurm writes it.
std::optional<std::int64_t> with_colons(std::string_view text) {
  std::int64_t seconds = 0;
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto days = whole_number(text.substr(0, dash));
    if (!days || *days > max_duration / day) return std::nullopt;
    seconds = *days * day;
    text.remove_prefix(dash + 1);
  }
  const auto parts = split(text, ':');
  if (parts.size() != 3 || parts[1].size() != 2 || parts[2].size() != 2) return std::nullopt;
  const auto hours = whole_number(parts[0]);
  const auto minutes = whole_number(parts[1]);
  const auto rest = whole_number(parts[2]);
  const std::int64_t most_hours = dash == std::string_view::npos ? max_duration / hour : 23;
  if (!hours || !minutes || !rest || *hours > most_hours || *minutes > 59 || *rest > 59) return std::nullopt;
  return seconds + *hours * hour + *minutes * minute + *rest;
}

std::string fault(std::string_view text) {
  if (whole_number(text))
    return fmt::format(
        "{0} has no unit (Slurm takes a bare number for seconds here and for minutes there); write {0}s or "
        "{0}m",
        text);
  if (std::ranges::count(text, ':') == 1)
    return fmt::format(
        "{} may be hours and minutes or minutes and seconds; write it with units, as 8h or 90m, or as "
        "HH:MM:SS",
        in_quotes(text));
  return fmt::format(
      "{} is not a duration; write it with units (90s, 5m, 1h30m, 2d) or as HH:MM:SS or D-HH:MM:SS",
      in_quotes(text));
}

std::expected<Value, std::string> parse_duration(const Spelling& spelling) {
  const auto text = spelling.text;
  const auto seconds = text.contains(':') ? with_colons(text) : with_units(text);
  if (!seconds) return std::unexpected(fault(text));
  if (*seconds > max_duration)
    return std::unexpected(fmt::format("{} is longer than a hundred years", in_quotes(text)));
  return *seconds;
}

/// `8h` and `1h30m` while that is short, else `1-02:03:04`.
std::string show_duration(const Value& value) {
  const auto seconds = std::max<std::int64_t>(0, number_of(value));
  std::string text;
  std::size_t parts = 0;
  auto left = seconds;
  for (const auto& unit : units) {
    if (left < unit.seconds) continue;
    text += fmt::format("{}{}", left / unit.seconds, unit.letter);
    left %= unit.seconds;
    ++parts;
  }
  if (parts == 0) return "0s";
  if (parts <= 2) return text;
  const auto clock =
      fmt::format("{:02}:{:02}:{:02}", seconds % day / hour, seconds % hour / minute, seconds % minute);
  return seconds < day ? clock : fmt::format("{}-{}", seconds / day, clock);
}

}  // namespace

ValueType duration_type() {
  return {
      .name = "duration",
      .title = "Duration",
      .description =
          "A time span with its units (`90s`, `5m`, `1h30m`, `2d`), or `HH:MM:SS`, or `D-HH:MM:SS`. A bare "
          "number is refused: Slurm means seconds by it here and minutes there.",
      .parse = parse_duration,
      .show = show_duration};
}

}  // namespace tidelock
