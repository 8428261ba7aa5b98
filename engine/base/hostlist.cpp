#include "engine/base/hostlist.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

constexpr std::size_t max_number_width = 18;  // fits std::uint64_t
constexpr std::size_t max_brackets = 8;
constexpr std::size_t max_literal = 255;  // host names end there

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t number(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

struct Range {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::size_t width = 0;
};

std::unexpected<Error> bad_list(std::string_view text, std::string why) {
  constexpr std::size_t longest = 100;
  return failure("Host list is not valid", fmt::format("{}: {}", shown(text.substr(0, longest)), why),
                 "write names as slurm.conf does: node[001-128], n[1-3,7]");
}

Result<Range> parse_range(std::string_view text, std::string_view whole) {
  const auto dash = text.find('-');
  const auto low = text.substr(0, dash);
  const auto high = dash == std::string_view::npos ? low : text.substr(dash + 1);
  if (!all_digits(low) || !all_digits(high))
    return bad_list(whole, fmt::format("{} is not a range", shown(text)));
  if (low.size() > max_number_width || high.size() > max_number_width)
    return bad_list(whole, fmt::format("{} is too large", shown(text)));
  const Range range{number(low), number(high), low.size()};
  if (range.high < range.low) return bad_list(whole, fmt::format("the range {} runs backwards", shown(text)));
  if (range.high - range.low >= max_hostlist_size)
    return bad_list(whole,
                    fmt::format("the range {} has more than {} names", shown(text), max_hostlist_size));
  return range;
}

/// One comma-separated element: alternating literal text and bracketed number lists.
struct Pattern {
  std::vector<std::string> literals;  ///< one more than there are brackets
  std::vector<std::vector<std::string>> numbers;
};

Result<std::vector<std::string>> parse_numbers(std::string_view inside, std::string_view whole) {
  std::vector<std::string> numbers;
  for (const auto part : split(inside, ',')) {
    auto range = parse_range(part, whole);
    if (!range) return std::unexpected(range.error());
    for (auto n = range->low; n <= range->high; ++n)
      numbers.push_back(fmt::format("{:0{}}", n, range->width));
    if (numbers.size() > max_hostlist_size)
      return bad_list(whole, fmt::format("more than {} names", max_hostlist_size));
  }
  return numbers;
}

Result<Pattern> parse_pattern(std::string_view text, std::string_view whole) {
  Pattern pattern;
  for (;;) {
    const auto open = text.find('[');
    const auto literal = text.substr(0, open);
    if (literal.contains(']')) return bad_list(whole, "a ] without its [");
    if (literal.size() > max_literal)
      return bad_list(whole, fmt::format("a name of more than {} bytes", max_literal));
    pattern.literals.emplace_back(literal);
    if (open == std::string_view::npos) break;
    const auto close = text.find(']', open);
    if (close == std::string_view::npos) return bad_list(whole, "a [ without its ]");
    auto numbers = parse_numbers(text.substr(open + 1, close - open - 1), whole);
    if (!numbers) return std::unexpected(numbers.error());
    pattern.numbers.push_back(std::move(*numbers));
    if (pattern.numbers.size() > max_brackets)
      return bad_list(whole, fmt::format("more than {} brackets in one name", max_brackets));
    text.remove_prefix(close + 1);
  }
  if (pattern.numbers.empty() && pattern.literals.front().empty()) return bad_list(whole, "an empty name");
  return pattern;
}

std::vector<std::string_view> split_outside_brackets(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') inside = true;
    if (text[i] == ']') inside = false;
    if (text[i] != ',' || inside) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<std::string> names_of(const Pattern& pattern) {
  std::vector<std::string> names{pattern.literals.front()};
  for (std::size_t i = 0; i < pattern.numbers.size(); ++i) {
    std::vector<std::string> longer;
    longer.reserve(names.size() * pattern.numbers[i].size());
    for (const auto& name : names)
      for (const auto& digits : pattern.numbers[i]) longer.push_back(name + digits + pattern.literals[i + 1]);
    names = std::move(longer);
  }
  return names;
}

std::size_t size_of(const Pattern& pattern) {
  std::size_t size = 1;
  for (const auto& numbers : pattern.numbers) size = std::min(size * numbers.size(), max_hostlist_size + 1);
  return size;
}

/// A name cut at its last number, the part that folds. Without a number, `digits` is empty.
struct CutName {
  std::string_view prefix, digits, suffix;
};

CutName cut(std::string_view name) {
  constexpr std::string_view digit_set = "0123456789";
  const auto last = name.find_last_of(digit_set);
  if (last == std::string_view::npos) return {name, {}, {}};
  const auto before = name.find_last_not_of(digit_set, last);
  const auto first = before == std::string_view::npos ? 0 : before + 1;
  if (last - first >= max_number_width) return {name, {}, {}};
  return {name.substr(0, first), name.substr(first, last - first + 1), name.substr(last + 1)};
}

std::string fold_numbers(const std::set<std::pair<std::uint64_t, std::size_t>>& numbers) {
  std::vector<std::string> parts;
  for (auto it = numbers.begin(); it != numbers.end();) {
    const auto [low, width] = *it;
    auto high = low;
    for (++it; it != numbers.end(); ++it) {
      const bool same_width = it->second == width || (fmt::formatted_size("{}", high + 1) > width &&
                                                      it->second == fmt::formatted_size("{}", high + 1));
      if (it->first != high + 1 || !same_width) break;
      ++high;
    }
    parts.push_back(low == high ? fmt::format("{:0{}}", low, width)
                                : fmt::format("{:0{}}-{:0{}}", low, width, high, width));
  }
  return join(parts, ",");
}

struct Family {
  std::string prefix, suffix;
  std::set<std::pair<std::uint64_t, std::size_t>> numbers;  ///< value and width
};

}  // namespace

Result<std::vector<std::string>> expand_hostlist(std::string_view text) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto part : split_outside_brackets(text)) {
    auto pattern = parse_pattern(part, text);
    if (!pattern) return std::unexpected(pattern.error());
    if (names.size() + size_of(*pattern) > max_hostlist_size)
      return bad_list(text, fmt::format("more than {} names", max_hostlist_size));
    for (auto& name : names_of(*pattern)) {
      if (!seen.insert(name).second) return bad_list(text, fmt::format("{} twice", shown(name)));
      names.push_back(std::move(name));
    }
  }
  return names;
}

std::string fold_hosts(std::span<const std::string> names) {
  std::vector<Family> families;
  std::map<std::tuple<std::string_view, std::string_view, bool>, std::size_t> index;
  for (const auto& name : names) {
    const auto parts = cut(name);
    const auto [it, fresh] =
        index.try_emplace({parts.prefix, parts.suffix, parts.digits.empty()}, families.size());
    if (fresh) families.push_back({std::string(parts.prefix), std::string(parts.suffix), {}});
    if (!parts.digits.empty())
      families[it->second].numbers.emplace(number(parts.digits), parts.digits.size());
  }
  std::vector<std::string> folded;
  for (const auto& family : families) {
    const auto numbers = fold_numbers(family.numbers);
    const bool bracket = numbers.find_first_of(",-") != std::string::npos;
    folded.push_back(bracket ? fmt::format("{}[{}]{}", family.prefix, numbers, family.suffix)
                             : family.prefix + numbers + family.suffix);
  }
  return join(folded, ",");
}

}  // namespace tidelock
