#include "providers/slurm/jobs/placeholder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/jobs/shell_words.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::size_t most = 1000;     // possibilities
constexpr std::size_t longest = 4096;  // bytes of a text that is filled in
constexpr std::size_t longest_name = 255;

/// What is within {{ }} at the beginning of a text.
std::optional<std::string_view> name_at(std::string_view text) {
  if (!text.starts_with("{{")) return std::nullopt;
  const auto end = text.substr(0, longest_name).find("}}");
  if (end == std::string_view::npos) return std::nullopt;
  const auto name = trim(text.substr(2, end - 2));
  return is_variable_name(name) && !text.substr(0, end).contains('\n') ? std::optional(name) : std::nullopt;
}

bool is_number(std::string_view text) {
  constexpr std::size_t digits = 12;
  return !text.empty() && text.size() <= digits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> ends_of(const std::string& value) {
  const auto dash = value.find('-');
  if (dash == std::string::npos) return {value};
  const auto low = value.substr(0, dash);
  const auto high = value.substr(dash + 1);
  if (!is_number(low) || !is_number(high)) return {value};
  return low == high ? std::vector{low} : std::vector{low, high};
}

std::vector<std::string> possible(const Parameter& parameter) {
  std::vector<std::string> all;
  for (const auto& value : parameter.values) std::ranges::move(ends_of(value), std::back_inserter(all));
  return all;
}

std::string replaced(std::string_view text, std::string_view name, std::string_view value) {
  std::string out;
  while (!text.empty()) {
    const auto found = name_at(text);
    const auto length = found == name ? placeholder_length(text) : 1;
    out += found == name ? value : text.substr(0, 1);
    text.remove_prefix(length);
  }
  return out;
}

std::vector<Filled> fill_one(const std::vector<Filled>& texts, const Parameter& parameter) {
  std::vector<Filled> out;
  const auto values = possible(parameter);
  if (texts.size() * values.size() > most) return out;
  for (const auto& filled : texts)
    for (const auto& value : values) {
      out.push_back({replaced(filled.text, parameter.name, value),
                     fmt::format("{}{}{} = {}", filled.with, filled.with.empty() ? "" : ", ", parameter.name,
                                 shown(value)),
                     filled.used});
      out.back().used.push_back(&parameter);
    }
  return out;
}

}  // namespace

std::size_t placeholder_length(std::string_view text) { return name_at(text) ? text.find("}}") + 2 : 0; }

std::vector<std::string> placeholder_names(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 1))
    if (const auto name = name_at(text.substr(at)); name && !holds(names, *name)) names.emplace_back(*name);
  return names;
}

std::vector<Filled> fill(std::string_view text, std::span<const Parameter> parameters) {
  if (text.size() > longest) return {};
  std::vector<Filled> texts{{std::string(text), {}, {}}};
  for (const auto& name : placeholder_names(text)) {
    const auto parameter = std::ranges::find(parameters, name, &Parameter::name);
    if (parameter == parameters.end()) return {};
    texts = fill_one(texts, *parameter);
  }
  return texts;
}

}  // namespace tidelock::slurm
