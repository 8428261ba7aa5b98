// Values that are taken as they are written: truth, numbers, texts and lists of them.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock {
namespace {

using Parsed = std::expected<Value, std::string>;

constexpr std::array true_words{"true", "True", "TRUE"};
constexpr std::array false_words{"false", "False", "FALSE"};

bool one_of(std::string_view text, std::span<const char* const> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return word == text; });
}

Parsed parse_boolean(const Spelling& spelling) {
  const bool is_true = one_of(spelling.text, true_words);
  if (!is_true && !one_of(spelling.text, false_words))
    return std::unexpected(
        fmt::format("{} is not a truth value; write true or false (yes, no, on and off are texts)",
                    in_quotes(spelling.text)));
  if (spelling.quoted)
    return std::unexpected(
        fmt::format("{} in quotes is a text; write {} without them", in_quotes(spelling.text), is_true));
  return is_true;
}

std::string show_boolean(const Value& value) {
  const auto* flag = std::get_if<bool>(&value);
  return flag != nullptr && *flag ? "true" : "false";
}

Parsed parse_integer(const Spelling& spelling) {
  const auto text = spelling.text;
  const auto digits = text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
  const bool numeric =
      !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!numeric) return std::unexpected(fmt::format("{} is not a whole number", in_quotes(text)));
  if (digits.size() > 1 && digits.front() == '0')
    return std::unexpected(fmt::format(
        "{} begins with 0, which some take for octal; write the number without it", in_quotes(text)));
  if (spelling.quoted)
    return std::unexpected(
        fmt::format("{} in quotes is a text; write the number without them", in_quotes(text)));
  std::int64_t number = 0;
  const auto begin = text.starts_with('+') ? digits : text;
  if (std::from_chars(begin.data(), begin.data() + begin.size(), number).ec != std::errc{})
    return std::unexpected(fmt::format("{} is out of range", in_quotes(text)));
  return number;
}

Parsed parse_text(const Spelling& spelling) { return std::string(spelling.text); }

/// The elements of a set in their order, each once.
Parsed parse_set(const Spelling& spelling) {
  std::vector<std::string> elements;
  for (const auto part : split(spelling.text, ',')) {
    if (const auto element = trim(part); !element.empty()) elements.emplace_back(element);
  }
  std::ranges::sort(elements);
  const auto repeats = std::ranges::unique(elements);
  elements.erase(repeats.begin(), repeats.end());
  return elements;
}

std::string show_set(const Value& value) {
  const auto* elements = std::get_if<std::vector<std::string>>(&value);
  return elements == nullptr ? std::string{} : join(*elements, ",");
}

}  // namespace

ValueType boolean_type() {
  return {.name = "boolean",
          .title = "Truth value",
          .description = "`true` or `false`. `yes`, `no`, `on` and `off` are texts and are refused.",
          .parse = parse_boolean,
          .show = show_boolean};
}

ValueType integer_type() {
  return {.name = "integer",
          .title = "Number",
          .description = "A whole number in decimal digits, without quotes and without a leading 0.",
          .parse = parse_integer,
          .show = [](const Value& value) { return fmt::format("{}", number_of(value)); }};
}

ValueType text_type() {
  return {.name = "text",
          .title = "Text",
          .description =
              "Any text, taken exactly as it is written. A number or `true` is the text of its letters.",
          .parse = parse_text,
          .show = text_of};
}

ValueType set_type() {
  return {.name = "set",
          .title = "Set",
          .description = "A list of words whose order and repetitions mean nothing.",
          .parse = parse_set,
          .show = show_set};
}

}  // namespace tidelock
