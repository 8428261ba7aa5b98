// A field's values in their three spellings: the manifest's, sacctmgr's, and the canonical one between them.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value_types.hpp"
#include "providers/slurm/accounting/fields.hpp"

namespace tidelock::slurm {
namespace {

using Words = std::vector<std::string>;

Words in_order(Words words) {
  std::ranges::sort(words);
  const auto repeats = std::ranges::unique(words);
  words.erase(repeats.begin(), repeats.end());
  return words;
}

std::string_view type_of(Form form) {
  switch (form) {
    case Form::count:
      return "count_limit";
    case Form::seconds:
      return "duration";
    case Form::minutes:
      return "wall_limit";
    case Form::span:
      return "duration_limit";
    case Form::decimal:
      return "decimal";
    case Form::names:
    case Form::name:
      return "slurm_name";
    case Form::shares:
    case Form::text:
    case Form::tres:
    case Form::words:
    case Form::word:
      break;
  }
  return "text";
}

constexpr std::array<std::pair<char, std::uint64_t>, 5> multiples{std::pair{'K', std::uint64_t{1} << 10U},
                                                                  {'M', std::uint64_t{1} << 20U},
                                                                  {'G', std::uint64_t{1} << 30U},
                                                                  {'T', std::uint64_t{1} << 40U},
                                                                  {'P', std::uint64_t{1} << 50U}};

/// `2`, `4G`; and `1.5T`, as sacctmgr shows what is no whole number of such units. Without a unit it counts
/// in `base`.
std::optional<std::uint64_t> amount_in(std::string_view text, std::uint64_t base) {
  std::uint64_t factor = base;
  for (const auto& [letter, multiple] : multiples)
    if (text.ends_with(letter)) {
      factor = multiple;
      text.remove_suffix(1);
      break;
    }
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= 0) ||
      number * static_cast<double>(factor) > 9e18)
    return {};
  return static_cast<std::uint64_t>(std::llround(number * static_cast<double>(factor)));
}

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20U;

/// Slurm counts memory in megabytes; as canonical text it has its unit.
std::optional<std::string> canonical_amount(std::string_view name, std::string_view text) {
  const bool memory = name == "mem";
  const auto amount = amount_in(text, memory ? megabyte : 1);
  if (!amount) return std::nullopt;
  if (!memory) return fmt::format("{}={}", name, *amount);
  const auto megabytes = *amount / megabyte * megabyte;
  return fmt::format("{}={}", name, size_type().show(static_cast<std::int64_t>(megabytes)));
}

/// `cpu=4,gres/gpu=2`, in any order and case.
std::optional<Value> seen_tres(std::string_view text) {
  Words amounts;
  if (text.empty()) return amounts;
  for (const auto part : split(text, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto name = tres_type().parse({.text = part.substr(0, equals), .quoted = true});
    if (!name) return std::nullopt;
    auto amount = canonical_amount(text_of(*name), part.substr(equals + 1));
    if (!amount) return std::nullopt;
    amounts.push_back(*std::move(amount));
  }
  return in_order(std::move(amounts));
}

Value declared_tres(const Node& node, Diagnostics& diagnostics) {
  Words amounts;
  for (const auto& entry : node.entries()) {
    const auto name = tres_type().parse({.text = entry.key, .quoted = true});
    if (!name) continue;  // the schema said so
    const auto text = entry.value.text();
    const bool bare = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    if (text_of(*name) == "mem" && bare && text != "0")
      diagnostics.error(entry.value.at(), "Size is not valid",
                        fmt::format("{0} has no unit; write {0}M or {0}G", text));
    if (auto amount = canonical_amount(text_of(*name), text)) amounts.push_back(*std::move(amount));
  }
  return in_order(std::move(amounts));
}

/// What Slurm prints (mins2time_str, secs2time_str): `[D-]HH:MM:SS`.
std::optional<Value> seen_duration(std::string_view text) {
  auto seconds = duration_type().parse({.text = text, .quoted = true});
  if (!seconds) return std::nullopt;
  return duration_type().show(*seconds);
}

std::optional<Value> seen_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Value> seen_decimal(std::string_view text) {
  auto value = decimal_type().parse({.text = text, .quoted = true});
  if (!value) return std::nullopt;
  return *std::move(value);
}

Words words_in(std::string_view text) {
  Words words;
  for (const auto part : split(text, ','))
    if (!part.empty()) words.emplace_back(part);
  return in_order(std::move(words));
}

std::string spelled(const Field& field, std::string_view word) {
  for (const auto known : field.words)
    if (lower_case(known) == lower_case(word)) return std::string(known);
  return std::string(word);
}

Words spelled(const Field& field, Words words) {
  for (auto& word : words) word = spelled(field, word);
  return in_order(std::move(words));
}

std::int64_t seconds_of(const Value& value) {
  const auto text = text_of(value);
  const auto seconds = duration_type().parse({.text = text, .quoted = true});
  return seconds ? number_of(*seconds) : 0;
}

std::string clock(std::int64_t seconds) {
  constexpr std::int64_t day = 86'400;
  return fmt::format("{}-{:02}:{:02}:{:02}", seconds / day, seconds % day / 3600, seconds % 3600 / 60,
                     seconds % 60);
}

std::string tres_assignment(const Value& wanted, const Value* before) {
  const auto* amounts = std::get_if<Words>(&wanted);
  const auto* old = before == nullptr ? nullptr : std::get_if<Words>(before);
  Words parts = amounts == nullptr ? Words{} : *amounts;
  if (old != nullptr)
    for (const auto& amount : *old) {
      const auto name = amount.substr(0, amount.find('=') + 1);
      const auto is_named = [&](const auto& part) { return part.starts_with(name); };
      if (std::ranges::none_of(parts, is_named)) parts.push_back(name + "-1");
    }
  return join(parts, ",");
}

std::string list_assignment(const Field& field, const Value& wanted) {
  const auto* words = std::get_if<Words>(&wanted);
  return words == nullptr || words->empty() ? std::string(field.reset) : join(*words, ",");
}

/// Between quotes for sacctmgr's own splitting of lines into words; `declared_value` lets none in.
std::string text_assignment(const Value& wanted) { return fmt::format("\"{}\"", text_of(wanted)); }

std::string value_assignment(const Field& field, const Value& wanted) {
  if (std::holds_alternative<std::monostate>(wanted)) return std::string(field.reset);
  if (const auto* number = std::get_if<std::int64_t>(&wanted)) return fmt::format("{}", *number);
  switch (field.form) {
    case Form::seconds:
      return fmt::format("{}", seconds_of(wanted));
    case Form::minutes:
      return fmt::format("{}", seconds_of(wanted) / 60);
    case Form::span:
      return clock(seconds_of(wanted));
    default:
      return text_of(wanted);
  }
}

Value declared_text(const Node& node, Diagnostics& diagnostics) {
  const auto text = node.text();
  const bool odd = std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"' || c == '\'';
  });
  if (odd || !is_utf8(text))
    diagnostics.error(node.at(), "Text is not valid",
                      fmt::format("{} holds a quote or a control character, which sacctmgr would read as "
                                  "something else",
                                  shown(text)));
  return lower_case(trim(text));
}

}  // namespace

nlohmann::json property_of(const Field& field) {
  nlohmann::json property{{"description", field.description}, {"x-attribute", true}};
  const nlohmann::json word = field.words.empty()
                                  ? nlohmann::json{{"type", "string"}, {"x-type", type_of(field.form)}}
                                  : nlohmann::json{{"type", "string"}, {"enum", field.words}};
  switch (field.form) {
    case Form::tres:
      property["type"] = "object";
      property["x-keys"] = "tres";
      property["additionalProperties"] = {{"type", {"integer", "string"}}, {"x-type", "tres_count"}};
      break;
    case Form::names:
    case Form::words:
      property["type"] = "array";
      property["x-type"] = "set";
      property["items"] = word;
      break;
    case Form::shares:
      property["type"] = {"integer", "string"};
      property["pattern"] = "^([0-9]+|parent)$";
      break;
    case Form::word:
      property.update(word);
      break;
    default:
      property["type"] = {"integer", "number", "string"};
      property["x-type"] = type_of(field.form);
      if (field.form == Form::text || field.form == Form::name) property["type"] = "string";
  }
  return property;
}

std::optional<std::pair<std::string, std::string>> fault_of(const Field& field, const Node& node) {
  using Fault = std::pair<std::string, std::string>;
  const auto wrong = [](std::string_view type, std::string_view text) -> std::optional<Fault> {
    const auto value = value_type(type).parse({.text = text, .quoted = false});
    if (value) return std::nullopt;
    return Fault{fmt::format("{} is not valid", value_type(type).title), value.error()};
  };
  for (const auto& entry : node.entries()) {
    if (auto fault = wrong("tres", entry.key)) return fault;
    if (auto fault = wrong("tres_count", entry.value.text())) return fault;
  }
  if (node.map() != nullptr) return std::nullopt;
  for (const auto& text : node.texts()) {
    const bool foreign = !field.words.empty() && !holds(field.words, std::string_view(spelled(field, text)));
    if (foreign)
      return Fault{"Value is not possible here",
                   fmt::format("{} cannot be the value of {}; possible are {}", shown(text), field.key,
                               fmt::join(field.words, ", "))};
    if (field.form == Form::shares && text != "parent" && !seen_number(text))
      return Fault{"Number is not valid", fmt::format("{} is neither a number nor `parent`", shown(text))};
    if (auto fault = wrong(type_of(field.form), text)) return fault;
  }
  return std::nullopt;
}

Value declared_value(const Field& field, const Node& node, Diagnostics& diagnostics) {
  switch (field.form) {
    case Form::tres:
      return declared_tres(node, diagnostics);
    case Form::text:
      return declared_text(node, diagnostics);
    case Form::names: {
      auto names = node.texts();
      for (auto& name : names) name = lower_case(name);
      return in_order(std::move(names));
    }
    case Form::words:
      return spelled(field, node.texts());
    case Form::word:
      return spelled(field, node.text());
    case Form::shares:
      return seen_value(field, node.text()).value_or(std::monostate{});
    default:
      break;
  }
  const auto quoted = node.scalar() != nullptr && node.scalar()->quoted;
  const auto& type = value_type(type_of(field.form));
  auto value = type.parse({.text = node.text(), .quoted = quoted});
  if (!value) return std::monostate{};  // the schema said so
  return field.form == Form::seconds ? Value(type.show(*value)) : *std::move(value);
}

std::optional<Value> seen_value(const Field& field, std::string_view text) {
  switch (field.form) {
    case Form::tres:
      return seen_tres(text);
    case Form::names:
      return words_in(lower_case(text));
    case Form::words:
      return spelled(field, words_in(text));
    case Form::text:
      return lower_case(trim(text));
    default:
      break;
  }
  if (text.empty()) return std::monostate{};
  switch (field.form) {
    case Form::count:
      return seen_number(text);
    case Form::shares:
      return text == "parent" ? std::optional<Value>(std::string(text)) : seen_number(text);
    case Form::decimal:
      return seen_decimal(text);
    case Form::word:
      return spelled(field, text);
    case Form::name:
      return lower_case(text);
    default:
      return seen_duration(text);
  }
}

Value initial_value(const Field& field) {
  return seen_value(field, field.initial).value_or(std::monostate{});
}

std::string assignment(const Field& field, const Value& wanted, const Value* before) {
  std::string value;
  switch (field.form) {
    case Form::tres:
      value = tres_assignment(wanted, before);
      break;
    case Form::names:
    case Form::words:
      value = list_assignment(field, wanted);
      break;
    case Form::text:
      value = text_assignment(wanted);
      break;
    default:
      value = value_assignment(field, wanted);
  }
  return fmt::format("{}={}", field.key == "parent" ? "Parent" : field.sacctmgr, value);
}

}  // namespace tidelock::slurm
