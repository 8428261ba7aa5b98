#include "providers/slurm/jobs/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::uint64_t mebi = std::uint64_t{1} << 20U;
constexpr std::uint64_t minute = 60;
constexpr std::uint64_t hour = 60 * minute;
constexpr std::uint64_t day = 24 * hour;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::optional<std::uint64_t> whole_number(std::string_view digits) {
  constexpr std::size_t enough = 12;  // digits that fit in seconds whatever the unit; sbatch stops at 10
  if (digits.empty() || digits.size() > enough || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

struct Amount {
  std::uint64_t number = 0;
  std::string suffix;  ///< in lower case
};

std::optional<Amount> amount_in(std::string_view text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = whole_number(text.substr(0, end));
  if (!number) return std::nullopt;
  return Amount{*number, lower_case(text.substr(end))};
}

/// The parts of a time; more than three or an empty one: none.
std::optional<std::vector<std::uint64_t>> clock(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  for (const auto part : split(text, ':')) {
    const auto number = whole_number(part);
    if (!number || numbers.size() == 3) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::optional<std::uint64_t> seconds_in(std::string_view text) {
  const auto dash = text.find('-');
  const auto rest = dash == std::string_view::npos ? text : text.substr(dash + 1);
  const auto parts =
      dash != std::string_view::npos && rest.empty() ? std::vector<std::uint64_t>{0} : clock(rest);
  if (!parts) return std::nullopt;
  const auto& p = *parts;
  if (dash == std::string_view::npos)
    return p.size() == 3 ? p[0] * hour + p[1] * minute + p[2] : p[0] * minute + (p.size() == 2 ? p[1] : 0);
  const auto days = whole_number(text.substr(0, dash));
  if (!days) return std::nullopt;
  return *days * day + p[0] * hour + (p.size() > 1 ? p[1] * minute : 0) + (p.size() > 2 ? p[2] : 0);
}

/// A count in a gres: 2, 4K. What is no number there is a type.
std::optional<std::uint64_t> gres_count(std::string_view text) {
  const auto amount = amount_in(text);
  if (!amount) return std::nullopt;
  if (amount->suffix.empty()) return amount->number;
  const auto power = std::string_view("kmgtp").find(amount->suffix);
  if (amount->suffix.size() != 1 || power == std::string_view::npos) return std::nullopt;
  return product(amount->number, std::uint64_t{1} << (10 * (power + 1)));
}

std::optional<Gres> one_gres(std::string_view text) {
  if (text.starts_with("gres:") || text.starts_with("gres/")) text.remove_prefix(5);
  const auto parts = split(text, ':');
  if (parts.size() > 3 || std::ranges::any_of(parts, &std::string_view::empty)) return std::nullopt;
  Gres gres{std::string(parts[0]), {}, 1};
  const auto count = parts.size() > 1 ? gres_count(parts.back()) : std::nullopt;
  if (parts.size() == 3 && !count) return std::nullopt;
  if (count) gres.count = *count;
  if (parts.size() == 3 || (parts.size() == 2 && !count)) gres.type = parts[1];
  return gres;
}

std::optional<std::vector<Gres>> gres_list(std::string_view text, std::string_view prefix) {
  std::vector<Gres> list;
  for (const auto part : split(text, ',')) {
    if (part.empty()) continue;
    auto gres = one_gres(std::string(prefix) + std::string(part));
    if (!gres) return std::nullopt;
    if (gres->count > 0) list.push_back(std::move(*gres));
  }
  return list;
}

}  // namespace

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  constexpr auto largest = unlimited - 1;
  return b != 0 && a > largest / b ? largest : a * b;
}

std::optional<std::uint64_t> read_count(std::string_view text) {
  const auto number = whole_number(text);
  return number && *number > 0 ? number : std::nullopt;
}

std::optional<std::uint64_t> read_memory(std::string_view text) {
  const auto amount = amount_in(text);
  if (!amount) return std::nullopt;
  const auto suffix = std::string_view(amount->suffix);
  if (suffix.empty()) return product(amount->number, mebi);
  if (suffix.size() > 2 || (suffix.size() == 2 && suffix[1] != 'b')) return std::nullopt;
  if (suffix[0] == 'k') return product((amount->number + 1023) / 1024, mebi);
  constexpr std::string_view units = "mgt";
  const auto power = units.find(suffix[0]);
  if (power == std::string_view::npos) return std::nullopt;
  return product(amount->number, mebi << (10 * power));
}

std::optional<std::uint64_t> read_time(std::string_view text) {
  const auto word = lower_case(text);
  if (word == "unlimited" || word == "infinite" || word == "-1") return unlimited;
  const auto seconds = seconds_in(text);
  if (!seconds) return std::nullopt;
  return *seconds == 0 ? unlimited : (*seconds + minute - 1) / minute * minute;
}

std::optional<NodeCount> read_nodes(std::string_view text) {
  const auto dash = text.find('-');
  const auto min = read_count(text.substr(0, dash));
  const auto max = dash == std::string_view::npos ? min : read_count(text.substr(dash + 1));
  if (!min || !max || *max < *min) return std::nullopt;
  return NodeCount{*min, *max};
}

std::optional<std::vector<Gres>> read_gres(std::string_view text) {
  if (lower_case(text) == "none") return std::vector<Gres>{};
  return gres_list(text, "");
}

std::optional<std::vector<Gres>> read_gpus(std::string_view text) { return gres_list(text, "gpu:"); }

std::string memory_text(std::uint64_t bytes) {
  const auto megabytes = bytes / mebi;
  constexpr std::uint64_t kibi = 1024;
  if (megabytes == 0 || megabytes % kibi != 0) return fmt::format("{}M", megabytes);
  if (megabytes % (kibi * kibi) != 0) return fmt::format("{}G", megabytes / kibi);
  return fmt::format("{}T", megabytes / kibi / kibi);
}

std::string time_text(std::uint64_t seconds) {
  if (seconds == unlimited) return "unlimited";
  const auto days = seconds / day;
  const auto clock =
      fmt::format("{:02}:{:02}:{:02}", seconds % day / hour, seconds % hour / minute, seconds % minute);
  return days > 0 ? fmt::format("{}-{}", days, clock) : clock;
}

std::string gres_text(const Gres& gres) {
  return gres.type.empty() ? gres.name : gres.name + ':' + gres.type;
}

}  // namespace tidelock::slurm
