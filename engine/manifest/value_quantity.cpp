// Amounts with a unit: sizes and bandwidths.
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "engine/manifest/problems.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock {
namespace {

using Parsed = std::expected<Value, std::string>;

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::int64_t kibi = 1024;
constexpr std::int64_t kilo = 1000;

/// From large to small, so that the first that divides is the shortest to show.
constexpr std::array size_units{Unit{"P", kibi* kibi* kibi* kibi* kibi},
                                Unit{"T", kibi* kibi* kibi* kibi},
                                Unit{"G", kibi* kibi* kibi},
                                Unit{"M", kibi* kibi},
                                Unit{"K", kibi},
                                Unit{"", 1}};

constexpr std::array bandwidth_units{Unit{"Tbit", kilo* kilo* kilo* kilo},
                                     Unit{"Gbit", kilo* kilo* kilo},
                                     Unit{"Mbit", kilo* kilo},
                                     Unit{"kbit", kilo},
                                     Unit{"bit", 1},
                                     Unit{"TB", 8 * kilo* kilo* kilo* kilo},
                                     Unit{"GB", 8 * kilo* kilo* kilo},
                                     Unit{"MB", 8 * kilo* kilo},
                                     Unit{"kB", 8 * kilo},
                                     Unit{"GiB", 8 * kibi* kibi* kibi},
                                     Unit{"MiB", 8 * kibi* kibi},
                                     Unit{"KiB", 8 * kibi}};

/// "1.5G" as 1500 thousandths and "G".
struct Amount {
  std::int64_t thousandths = 0;
  std::string_view unit;
};

std::optional<Amount> amount_in(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto end = text.find_first_not_of("0123456789.");
  const auto number = text.substr(0, end);
  const auto point = number.find('.');
  const auto whole = number.substr(0, point);
  const auto decimals = point == std::string_view::npos ? std::string_view{} : number.substr(point + 1);
  const bool plain = !whole.empty() && whole.size() <= 12 && decimals.size() <= 3 &&
                     std::ranges::all_of(decimals, is_digit) &&
                     (point == std::string_view::npos) == decimals.empty();
  if (!plain) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), value);
  for (std::size_t i = 0; i < 3; ++i) value = value * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  return Amount{value, end == std::string_view::npos ? std::string_view{} : text.substr(end)};
}

/// The amount in its smallest unit; none where it does not fit. A part of the smallest unit is dropped.
std::optional<std::int64_t> times(const Amount& amount, std::int64_t factor) {
  const auto whole = amount.thousandths / 1000;
  const auto rest = amount.thousandths % 1000;
  if (whole > std::numeric_limits<std::int64_t>::max() / 2 / factor) return std::nullopt;
  return whole * factor + factor / 1000 * rest + factor % 1000 * rest / 1000;
}

std::string show_amount(std::int64_t amount, std::span<const Unit> units, std::string_view ending) {
  for (const auto& unit : units)
    if (amount % unit.factor == 0) return fmt::format("{}{}{}", amount / unit.factor, unit.name, ending);
  return fmt::format("{}{}", amount, ending);
}

/// K, KB and KiB are the same here: 1024 bytes, as Slurm has it.
const Unit* size_unit(std::string_view name) {
  if (name == "B") return &size_units.back();
  for (const auto* ending : {"iB", "B"})
    if (name.ends_with(ending)) {
      name.remove_suffix(std::string_view(ending).size());
      break;
    }
  if (name == "k") name = "K";
  const auto* found = std::ranges::find(size_units, name, &Unit::name);
  return found == size_units.end() || name.empty() ? nullptr : found;
}

Parsed parse_size(const Spelling& spelling) {
  const auto amount = amount_in(spelling.text);
  if (amount && amount->unit.empty())
    return std::unexpected(
        fmt::format("{0} has no unit (Slurm takes a bare number for megabytes, others for bytes); "
                    "write {0}M or {0}G",
                    spelling.text));
  const auto* unit = amount ? size_unit(amount->unit) : nullptr;
  if (unit == nullptr)
    return std::unexpected(
        fmt::format("{} is not a size; write a number and one of K, M, G, T, P, as 3584M or 1.5G",
                    in_quotes(spelling.text)));
  const auto bytes = times(*amount, unit->factor);
  if (!bytes) return std::unexpected(fmt::format("{} is out of range", in_quotes(spelling.text)));
  return *bytes;
}

std::string show_size(const Value& value) {
  const auto bytes = number_of(value);
  return bytes == 0 ? "0B" : show_amount(bytes, size_units, bytes % kibi == 0 ? "" : "B");
}

Parsed parse_bandwidth(const Spelling& spelling) {
  const auto amount = amount_in(spelling.text);
  auto name = amount ? amount->unit : std::string_view{};
  if (name.ends_with("/s")) name.remove_suffix(2);
  const auto* unit = std::ranges::find(bandwidth_units, name, &Unit::name);
  if (unit == bandwidth_units.end())
    return std::unexpected(
        fmt::format("{} is not a bandwidth; write bits or bytes a second, as 800Mbit, 1Gbit or 100MB",
                    in_quotes(spelling.text)));
  const auto bits = times(*amount, unit->factor);
  if (!bits) return std::unexpected(fmt::format("{} is out of range", in_quotes(spelling.text)));
  if (*bits == 0)
    return std::unexpected("nothing could be sent at this bandwidth; leave the key out for no limit");
  return *bits;
}

}  // namespace

ValueType size_type() {
  return {
      .name = "size",
      .title = "Size",
      .description =
          "A number of bytes with its unit: `3584M`, `256G`, `1.5G`. Units are K, M, G, T and P, each 1024 "
          "times the one before; `MB` and `MiB` mean the same as `M`. A bare number is refused.",
      .parse = parse_size,
      .show = show_size};
}

ValueType bandwidth_type() {
  return {
      .name = "bandwidth",
      .title = "Bandwidth",
      .description = "Bits or bytes a second: `800Mbit`, `1Gbit`, `100MB`. Units go by 1000 (`MiB` by 1024).",
      .parse = parse_bandwidth,
      .show = [](const Value& value) {
        return show_amount(number_of(value), std::span(bandwidth_units).first(5), "");
      }};
}

}  // namespace tidelock
