#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock {

/// Text from anywhere, made safe to print on one line of a terminal: control characters, invalid UTF-8 and
/// bidirectional overrides come out as \x.. escapes. Everything that a host or a manifest says goes through
/// here.
[[nodiscard]] std::string printable(std::string_view text);

/// `printable` in quotes where the text has spaces, quotes or escapes or is empty; as it is otherwise. No two
/// texts come out alike.
[[nodiscard]] std::string shown(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);
/// The number of bytes before the first that is not UTF-8; all of them for a text that is.
[[nodiscard]] std::size_t valid_utf8(std::string_view text);

/// Of the candidates the one most likely meant by a misspelt word; none when nothing is near. Letters in the
/// wrong order or the wrong case are near.
[[nodiscard]] std::optional<std::string> closest(std::string_view word,
                                                 std::span<const std::string> candidates);

/// The parts are views into `text`, which therefore must not be a temporary.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
template <class Temporary>
  requires std::same_as<Temporary, std::string>
std::vector<std::string_view> split(Temporary&& text, char separator) = delete;
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);
[[nodiscard]] std::string_view trim(std::string_view text);
/// Letters of ASCII only; what other bytes mean is not known.
[[nodiscard]] std::string lower_case(std::string_view text);

/// "1 file", "2 files".
[[nodiscard]] std::string count_of(std::size_t number, std::string_view singular);

/// "841.2 MB"; decimal units, as disk makers and rsync write them.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

/// "40 s", "12 min", "2 h 5 min".
[[nodiscard]] std::string human_seconds(std::uint64_t seconds);

/// Shell-style pattern (`*`, `?`, `[a-z]`) over the whole text; `*` also matches `/` and newlines.
/// Nothing matches a text with a NUL byte.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text);

/// The pattern that matches this text and no other.
[[nodiscard]] std::string as_glob(std::string_view text);

/// Whether a range holds a value (std::ranges::contains, which GCC 12 lacks).
[[nodiscard]] constexpr bool holds(const auto& range, const auto& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace tidelock
