// Values as Slurm's accounting has them (sacctmgr(1)). "unlimited" is the same as having no limit.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock {
namespace {

using Parsed = std::expected<Value, std::string>;

constexpr std::string_view unlimited = "unlimited";
constexpr std::size_t max_name = 64;

bool is_made_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyz0123456789_-.";

/// sacctmgr reads commas, quotes, `=` and spaces in its own way, and `+` and `-` at the beginning.
Parsed parse_slurm_name(const Spelling& spelling) {
  auto name = lower_case(spelling.text);
  std::string fault;
  if (name.empty())
    fault = "it is empty";
  else if (!is_made_of(name, name_letters))
    fault = "it may hold letters of ASCII, digits, _, - and . only";
  else if (name.front() == '-' || name.front() == '.')
    fault = "it has to begin with a letter, a digit or _";
  else if (name.size() > max_name)
    fault = fmt::format("it has more than {} letters", max_name);
  if (!fault.empty())
    return std::unexpected(
        fmt::format("{} cannot be a name in Slurm's accounting: {}", in_quotes(spelling.text), fault));
  return name;
}

/// slurm.conf knows no escape for quotes, and blanks, `#` and backslashes mean something there.
Parsed parse_slurm_word(const Spelling& spelling) {
  const bool plain = std::ranges::all_of(
      spelling.text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '#' && c != '\\'; });
  if (spelling.text.empty() || !plain)
    return std::unexpected(fmt::format(
        "{} cannot stand in slurm.conf: write letters of ASCII, digits and signs, without blanks, quotes, "
        "# and backslashes",
        in_quotes(spelling.text)));
  return std::string(spelling.text);
}

std::string show_limit(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  const auto text = text_of(value);
  return text.empty() ? std::string(unlimited) : text;
}

Parsed parse_count_limit(const Spelling& spelling) {
  if (spelling.text == unlimited) return std::monostate{};
  std::uint32_t number = 0;
  const auto* const first = spelling.text.begin();
  const auto* const last = spelling.text.end();
  const auto [end, error] = std::from_chars(first, last, number);
  constexpr std::uint32_t most =
      std::numeric_limits<std::uint32_t>::max() - 2;  // the rest are signs of Slurm's
  if (error != std::errc{} || end != last || number >= most)
    return std::unexpected(
        fmt::format("{} is not a limit; write a whole number, or unlimited", in_quotes(spelling.text)));
  return static_cast<std::int64_t>(number);
}

Parsed parse_duration_limit(const Spelling& spelling) {
  if (spelling.text == unlimited) return std::monostate{};
  const auto seconds = duration_type().parse(spelling);
  if (!seconds) return std::unexpected(seconds.error() + ", or as unlimited");
  return duration_type().show(*seconds);
}

Parsed parse_wall_limit(const Spelling& spelling) {
  if (spelling.text == unlimited) return std::monostate{};
  const auto seconds = duration_type().parse(spelling);
  if (!seconds) return std::unexpected(seconds.error() + ", or as unlimited");
  if (number_of(*seconds) % 60 != 0)
    return std::unexpected(fmt::format(
        "{} is no whole number of minutes, and Slurm keeps this limit in minutes", in_quotes(spelling.text)));
  return duration_type().show(*seconds);
}

/// Six decimals are what slurmdbd's answers have.
Parsed parse_decimal(const Spelling& spelling) {
  double number = 0;
  const auto* const first = spelling.text.begin();
  const auto* const last = spelling.text.end();
  const auto [end, error] = std::from_chars(first, last, number, std::chars_format::fixed);
  constexpr double most = 1e9;
  if (error != std::errc{} || end != last || !(number >= 0) || number > most)
    return std::unexpected(
        fmt::format("{} is not a number of 0 or more, as 1 or 0.5", in_quotes(spelling.text)));
  auto text = fmt::format("{:.6f}", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// `gpu` is `gres/gpu`, and so is `gpu:v100` of that type: Slurm itself knows only the long form.
Parsed parse_tres(const Spelling& spelling) {
  static constexpr std::array<std::string_view, 7> alone{"cpu",     "mem",  "energy", "node",
                                                         "billing", "vmem", "pages"};
  auto name = lower_case(spelling.text);
  if (!name.contains('/') && !holds(alone, std::string_view(name))) name.insert(0, "gres/");
  const auto plain = std::string_view(name).substr(name.find('/') + 1);
  if (!is_made_of(plain, "abcdefghijklmnopqrstuvwxyz0123456789_-.:"))
    return std::unexpected(
        fmt::format("{} is no trackable resource; write cpu, mem, node, billing, gpu, gpu:TYPE or TYPE/NAME, "
                    "as license/matlab",
                    in_quotes(spelling.text)));
  return name;
}

Parsed parse_tres_count(const Spelling& spelling) {
  const auto digits = std::min(spelling.text.find_first_not_of("0123456789"), spelling.text.size());
  const auto unit = spelling.text.substr(digits);
  constexpr std::size_t most_digits = 15;
  if (digits == 0 || digits > most_digits || (!unit.empty() && !is_made_of(unit, "KMGTP")) || unit.size() > 1)
    return std::unexpected(
        fmt::format("{} is no amount; write a whole number, and for mem one with its unit, "
                    "as 64G",
                    in_quotes(spelling.text)));
  return std::string(spelling.text);
}

std::string show_text(const Value& value) { return text_of(value); }

}  // namespace

ValueType slurm_name_type() {
  return {.name = "slurm_name",
          .title = "Slurm name",
          .description =
              "A QoS, account or user of Slurm's accounting: letters, digits, `_`, `-` and `.`. "
              "Slurm keeps these names in small letters.",
          .parse = parse_slurm_name,
          .show = show_text};
}

ValueType slurm_word_type() {
  return {.name = "slurm_word",
          .title = "Word",
          .description = "A value in slurm.conf: signs of ASCII without blanks, quotes, `#` and backslashes.",
          .parse = parse_slurm_word,
          .show = show_text};
}

ValueType count_limit_type() {
  return {.name = "count_limit",
          .title = "Limit",
          .description = "A whole number, or `unlimited`.",
          .parse = parse_count_limit,
          .show = show_limit};
}

ValueType duration_limit_type() {
  return {.name = "duration_limit",
          .title = "Limit",
          .description = "A duration, or `unlimited`.",
          .parse = parse_duration_limit,
          .show = show_limit};
}

ValueType wall_limit_type() {
  return {.name = "wall_limit",
          .title = "Limit",
          .description = "A duration of whole minutes, as Slurm keeps such a limit, or `unlimited`.",
          .parse = parse_wall_limit,
          .show = show_limit};
}

ValueType decimal_type() {
  return {.name = "decimal",
          .title = "Number",
          .description = "A number of 0 or more, with up to six decimals: `1`, `0.5`.",
          .parse = parse_decimal,
          .show = show_text};
}

ValueType tres_type() {
  return {
      .name = "tres",
      .title = "Trackable resource",
      .description =
          "A resource that Slurm counts: `cpu`, `mem`, `node`, `billing`, `gpu` (the same as `gres/gpu`), "
          "`gpu:v100`, or any other as `TYPE/NAME`.",
      .parse = parse_tres,
      .show = show_text};
}

ValueType tres_count_type() {
  return {.name = "tres_count",
          .title = "Amount",
          .description = "A whole number; for `mem` one with its unit: `64G`.",
          .parse = parse_tres_count,
          .show = show_text};
}

}  // namespace tidelock
