#include "providers/nginx/configuration/route.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <array>
#include <memory>
#include <utility>

#include <pcre2.h>

namespace tidelock::nginx {
namespace {

constexpr std::array<std::pair<std::string_view, Match>, 4> modifiers{{
    {"=", Match::exact},
    {"^~", Match::prefix_first},
    {"~*", Match::regex_any_case},
    {"~", Match::regex},
}};

constexpr std::string_view modifier_of(Match match) {
  for (const auto& [text, meaning] : modifiers)
    if (meaning == match) return text;
  return "";
}

struct FreeCode {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
struct FreeData {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeContext {
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

/// A search that takes longer than any that people mean is given up.
constexpr std::uint32_t most_work = 100'000;

std::unique_ptr<pcre2_code, FreeCode> compiled(const Pattern& pattern) {
  int error = 0;
  PCRE2_SIZE place = 0;
  const std::uint32_t options = pattern.match == Match::regex_any_case ? PCRE2_CASELESS : 0;
  return std::unique_ptr<pcre2_code, FreeCode>(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.text.data()), pattern.text.size(), options, &error,
                    &place, nullptr));
}

bool is_prefix(const Location& location) {
  return location.pattern.match == Match::prefix || location.pattern.match == Match::prefix_first;
}

const Location* longest_prefix(std::span<const Location> locations, std::string_view uri) {
  const Location* longest = nullptr;
  for (const auto& location : locations)
    if (is_prefix(location) && uri.starts_with(location.pattern.text) &&
        (longest == nullptr || location.pattern.text.size() > longest->pattern.text.size()))
      longest = &location;
  return longest;
}

}  // namespace

std::optional<Pattern> pattern_of(std::span<const std::string> words) {
  if (words.size() == 2) {
    for (const auto& [text, match] : modifiers)
      if (words[0] == text) return Pattern{.match = match, .text = words[1]};
    return std::nullopt;
  }
  if (words.size() != 1 || words[0].empty()) return std::nullopt;
  const auto& word = words[0];
  for (const auto& [text, match] : modifiers)
    if (word.starts_with(text)) return Pattern{.match = match, .text = word.substr(text.size())};
  return Pattern{.match = word.starts_with('@') ? Match::named : Match::prefix, .text = word};
}

std::optional<Pattern> pattern_of(const Directive& location) {
  std::vector<std::string> words;
  for (const auto& word : location.arguments()) words.push_back(word.value);
  return location.name() == "location" && location.body ? pattern_of(words) : std::nullopt;
}

std::string to_string(const Pattern& pattern) {
  const auto modifier = modifier_of(pattern.match);
  return modifier.empty() ? pattern.text : std::string(modifier) + ' ' + pattern.text;
}

std::vector<Location> locations_of(const Item& server) {
  std::vector<Location> locations;
  for (const auto& child : server.children)
    if (auto pattern = pattern_of(*child.directive))
      locations.push_back({.pattern = *std::move(pattern), .item = &child, .nested = locations_of(child)});
  return locations;
}

std::optional<bool> regex_matches(const Pattern& pattern, std::string_view uri) {
  const auto code = compiled(pattern);
  if (code == nullptr) return std::nullopt;
  const std::unique_ptr<pcre2_match_data, FreeData> data(
      pcre2_match_data_create_from_pattern(code.get(), nullptr));
  const std::unique_ptr<pcre2_match_context, FreeContext> context(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(context.get(), most_work);
  const int found = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(uri.data()), uri.size(), 0, 0,
                                data.get(), context.get());
  if (found >= 0) return true;
  return found == PCRE2_ERROR_NOMATCH ? std::optional(false) : std::nullopt;
}

namespace {

const Location* exactly(std::span<const Location> locations, std::string_view uri) {
  for (const auto& location : locations)
    if (location.pattern.match == Match::exact && location.pattern.text == uri) return &location;
  return nullptr;
}

/// The first regular expression that matches, or one nested there; no location where none does.
Winner first_regex(std::span<const Location> locations, std::string_view uri) {
  Winner found;
  for (const auto& location : locations) {
    if (!location.pattern.is_regex()) continue;
    const auto matches = regex_matches(location.pattern, uri);
    if (!matches && found.unclear == nullptr) found.unclear = &location;
    if (!matches.value_or(false)) continue;
    const auto nested = winner(location.nested, uri);
    found.location = nested.location == nullptr ? &location : nested.location;
    if (found.unclear == nullptr) found.unclear = nested.unclear;
    return found;
  }
  return found;
}

}  // namespace

Winner winner(std::span<const Location> locations, std::string_view uri) {
  if (const auto* exact = exactly(locations, uri)) return {.location = exact, .unclear = nullptr};
  Winner best;
  const auto* prefix = longest_prefix(locations, uri);
  if (prefix != nullptr) {
    best = winner(prefix->nested, uri);
    if (best.location != nullptr && !is_prefix(*best.location)) return best;
    if (best.location == nullptr) best.location = prefix;
    if (prefix->pattern.match == Match::prefix_first) return best;
  }
  const auto regex = first_regex(locations, uri);
  if (regex.location != nullptr) return regex;
  if (best.unclear == nullptr) best.unclear = regex.unclear;
  return best;
}

std::vector<std::string> samples_of(const Pattern& pattern) {
  if (pattern.match != Match::prefix && pattern.match != Match::prefix_first) {
    if (pattern.match == Match::exact) return {pattern.text};
    return {};
  }
  std::vector<std::string> samples{pattern.text};
  const auto folder = pattern.text.ends_with('/') ? pattern.text : pattern.text + '/';
  for (const auto* name : {"x", "a/b", "index.html", "app.js", "style.css", "logo.png", "icon.svg",
                           "font.woff2", "data.json", "index.php", ".well-known/x", ".git/config"})
    samples.push_back(folder + name);
  return samples;
}

}  // namespace tidelock::nginx
