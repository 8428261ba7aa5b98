// A key's values in their three spellings: the manifest's, slurm.conf's, and the canonical one between them.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value_types.hpp"
#include "providers/slurm/conf/fields.hpp"
#include "providers/slurm/jobs/values.hpp"

namespace tidelock::slurm {
namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20U;

Words in_order(Words words) {
  std::ranges::sort(words);
  const auto repeats = std::ranges::unique(words);
  words.erase(repeats.begin(), repeats.end());
  return words;
}

std::string_view type_of(ConfForm form) {
  switch (form) {
    case ConfForm::flag:
      return "boolean";
    case ConfForm::count:
      return "integer";
    case ConfForm::limit:
      return "count_limit";
    case ConfForm::megabytes:
      return "size";
    case ConfForm::seconds:
      return "duration_limit";
    case ConfForm::wall:
      return "wall_limit";
    case ConfForm::names:
    case ConfForm::word:
    case ConfForm::caseless:
    case ConfForm::amounts:
    case ConfForm::text:
      break;
  }
  return "text";
}

/// Where no line at all leaves the limit to somebody else, having none is a value of its own.
Value no_limit(const ConfField& field) {
  return field.initial.empty() ? Value(std::string("unlimited")) : Value{};
}

bool is_no_limit(const Value& value) {
  return std::holds_alternative<std::monostate>(value) || value == Value(std::string("unlimited"));
}

/// The value of a manifest's spelling.
std::optional<Value> typed(ConfForm form, std::string_view text) {
  auto value = value_type(type_of(form)).parse({.text = text, .quoted = form == ConfForm::text});
  if (!value) return std::nullopt;
  if (form == ConfForm::megabytes)
    return size_type().show(number_of(*value) / static_cast<std::int64_t>(megabyte) *
                            static_cast<std::int64_t>(megabyte));
  return *std::move(value);
}

/// s_p_handle_boolean of Slurm's parser.
std::optional<Value> seen_flag(std::string_view text) {
  const auto word = lower_case(text);
  if (holds(std::array{"yes", "up", "true", "1"}, word)) return true;
  if (holds(std::array{"no", "down", "false", "0"}, word)) return false;
  return std::nullopt;
}

bool is_unlimited(std::string_view text) {
  const auto word = lower_case(text);
  return word == "unlimited" || word == "infinite" || word == "-1";
}

std::optional<Value> seen_duration(const ConfField& field, std::string_view text) {
  if (is_unlimited(text)) return no_limit(field);
  if (field.form == ConfForm::seconds) {
    const auto seconds = read_count(text);
    if (text == "0" || seconds) return typed(field.form, fmt::format("{}s", text == "0" ? 0 : *seconds));
    return std::nullopt;
  }
  const auto seconds = read_time(text);
  if (!seconds) return std::nullopt;
  return *seconds == unlimited ? no_limit(field) : typed(field.form, fmt::format("{}s", *seconds));
}

/// slurmdbd keeps accounts and QoS in small letters.
std::string name_in(const ConfField& field, std::string_view name) {
  const bool small = field.key.ends_with("_qos") || field.key.ends_with("_accounts");
  auto lower = lower_case(name);
  return small || lower == "all" ? lower : std::string(name);
}

Words seen_names(const ConfField& field, std::string_view text) {
  Words names;
  for (const auto part : split(text, ','))
    if (const auto name = trim(part); !name.empty()) names.push_back(name_in(field, name));
  return in_order(std::move(names));
}

/// "gpu:2,gpu:v100:4"; a missing count is 1.
std::optional<Value> seen_amounts(std::string_view text) {
  const auto gres = read_gres(text);
  if (!gres) return std::nullopt;
  Words amounts;
  for (const auto& one : *gres)
    amounts.push_back(fmt::format("{}:{}", lower_case(gres_text(one)), one.count));
  return in_order(std::move(amounts));
}

std::string joined(const Value& value) {
  const auto* words = std::get_if<Words>(&value);
  return words == nullptr ? text_of(value) : join(*words, ",");
}

/// Seconds of a canonical duration.
std::int64_t seconds_of(const Value& value) {
  const auto seconds = duration_type().parse({.text = text_of(value), .quoted = true});
  return seconds ? number_of(*seconds) : 0;
}

std::string written_duration(ConfForm form, const Value& value) {
  if (is_no_limit(value)) return form == ConfForm::seconds ? "INFINITE" : "UNLIMITED";
  const auto seconds = seconds_of(value);
  if (form == ConfForm::seconds) return fmt::to_string(seconds);
  constexpr std::int64_t minute = 60;
  constexpr std::int64_t hour = 3600;
  constexpr std::int64_t day = 86'400;
  const auto clock =
      fmt::format("{:02}:{:02}:{:02}", seconds % day / hour, seconds % hour / minute, seconds % minute);
  return seconds < day ? clock : fmt::format("{}-{}", seconds / day, clock);
}

std::string upper_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return text;
}

nlohmann::json list_property(const ConfField& field) {
  if (field.form == ConfForm::amounts)
    return {{"type", "object"},
            {"x-keys", "tres"},
            {"additionalProperties", {{"type", "integer"}, {"minimum", 1}}}};
  return {{"type", "array"},
          {"x-type", "set"},
          {"items", {{"type", "string"}, {"x-type", "slurm_word"}, {"pattern", "^[^,]+$"}}}};
}

}  // namespace

nlohmann::json property_of(const ConfField& field) {
  nlohmann::json property{{"description", field.description}, {"x-attribute", true}};
  switch (field.form) {
    case ConfForm::names:
    case ConfForm::amounts:
      property.update(list_property(field));
      break;
    case ConfForm::word:
      property["type"] = "string";
      property["enum"] = field.words;
      break;
    case ConfForm::flag:
      property["type"] = "boolean";
      break;
    case ConfForm::caseless:
    case ConfForm::text:
      property["type"] = "string";
      property["x-type"] = "slurm_word";
      break;
    default:
      property["type"] = {"integer", "string"};
      property["x-type"] = type_of(field.form);
  }
  return property;
}

Value declared_value(const ConfField& field, const Node& node) {
  switch (field.form) {
    case ConfForm::names: {
      auto names = node.texts();
      for (auto& name : names) name = name_in(field, name);
      return in_order(std::move(names));
    }
    case ConfForm::amounts: {
      Words amounts;
      for (const auto& entry : node.entries())
        amounts.push_back(fmt::format("{}:{}", lower_case(entry.key), entry.value.text()));
      return in_order(std::move(amounts));
    }
    case ConfForm::word:
    case ConfForm::caseless:
      return lower_case(node.text());
    case ConfForm::text:
      return std::string(node.text());
    default:
      return node.text() == "unlimited" ? no_limit(field) : typed(field.form, node.text()).value_or(Value{});
  }
}

std::optional<Value> seen_value(const ConfField& field, std::string_view text) {
  switch (field.form) {
    case ConfForm::flag:
      return seen_flag(text);
    case ConfForm::limit:
      return is_unlimited(text) ? no_limit(field) : typed(field.form, text);
    case ConfForm::megabytes: {
      const auto bytes = text == "0" ? 0 : read_memory(text);
      return bytes ? typed(field.form, fmt::format("{}M", *bytes / megabyte)) : std::nullopt;
    }
    case ConfForm::seconds:
    case ConfForm::wall:
      return seen_duration(field, text);
    case ConfForm::names:
      return seen_names(field, text);
    case ConfForm::word:
    case ConfForm::caseless:
      return lower_case(text);
    case ConfForm::amounts:
      return seen_amounts(text);
    default:
      return typed(field.form, text);
  }
}

Value initial_value(const ConfField& field) {
  if (!field.initial.empty()) return seen_value(field, field.initial).value_or(Value{});
  if (field.form == ConfForm::names || field.form == ConfForm::amounts) return Words{};
  return {};
}

std::string written(const ConfField& field, const Value& value) {
  switch (field.form) {
    case ConfForm::flag:
      return value == Value(true) ? "YES" : "NO";
    case ConfForm::count:
      return fmt::to_string(number_of(value));
    case ConfForm::limit:
      return std::holds_alternative<std::int64_t>(value) ? fmt::to_string(number_of(value)) : "UNLIMITED";
    case ConfForm::megabytes: {
      const auto bytes = size_type().parse({.text = text_of(value), .quoted = true});
      return fmt::to_string(bytes ? number_of(*bytes) / static_cast<std::int64_t>(megabyte) : 0);
    }
    case ConfForm::seconds:
    case ConfForm::wall:
      return written_duration(field.form, value);
    case ConfForm::word:
    case ConfForm::caseless:
      return upper_case(text_of(value));
    case ConfForm::names: {
      auto names = joined(value);
      return names == "all" ? "ALL" : names;
    }
    default:
      return joined(value);
  }
}

}  // namespace tidelock::slurm
