#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/nginx/configuration/tree.hpp"

namespace tidelock::nginx {

/// How a location is found: its modifier.
enum class Match : std::uint8_t { prefix, prefix_first, exact, regex, regex_any_case, named };

/// What a location is for: "/api/", "= /", "^~ /static/", "~ \.php$".
struct Pattern {
  Match match = Match::prefix;
  std::string text;

  bool operator==(const Pattern&) const = default;
  [[nodiscard]] bool is_regex() const { return match == Match::regex || match == Match::regex_any_case; }
};

/// Of words behind `location`, which may be one word as in `~\.php$`; none where it is no location.
[[nodiscard]] std::optional<Pattern> pattern_of(std::span<const std::string> words);
[[nodiscard]] std::optional<Pattern> pattern_of(const Directive& location);
/// "^~ /static/"; as a manifest's key and for people.
[[nodiscard]] std::string to_string(const Pattern& pattern);

struct Location {
  Pattern pattern;
  const Item* item = nullptr;
  std::vector<Location> nested;
};

/// The locations of a server, with those within others.
[[nodiscard]] std::vector<Location> locations_of(const Item& server);

/// Whether a regular expression matches; none where that cannot be told.
[[nodiscard]] std::optional<bool> regex_matches(const Pattern& pattern, std::string_view uri);

/// Who answers a request.
struct Winner {
  const Location* location = nullptr;  ///< null where none does
  /// A regular expression that stands in the way, and of which it cannot be told whether it matches.
  const Location* unclear = nullptr;
};

/// The location that nginx chooses for a normalized URI: an exact one; else the longest prefix, then, unless
/// that says `^~`, the first regular expression that matches; the same again among those nested in it.
[[nodiscard]] Winner winner(std::span<const Location> locations, std::string_view uri);

/// Requests that a location of this pattern is there for, as far as they can be named: the route itself
/// first, then some below it with names of files as people have them.
[[nodiscard]] std::vector<std::string> samples_of(const Pattern& pattern);

}  // namespace tidelock::nginx
