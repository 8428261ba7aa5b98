#include "engine/manifest/problems.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// More candidates than that are no help in a message.
constexpr std::size_t max_listed = 16;
/// Comparing with more of them for each wrong word would take minutes where everything is wrong.
constexpr std::size_t max_compared = 1000;

constexpr std::size_t max_quoted = 120;

}  // namespace

void Problems::add(const Diagnostics& stage) {
  std::set<Place> fresh;
  const auto once = without_repeats(stage);
  for (const auto& diagnostic : once.list()) {
    const auto at = place(diagnostic.at);
    if (blamed_.contains(at)) continue;
    if (diagnostic.severity != Severity::warning && diagnostic.at.known()) fresh.insert(at);
    all_.add(diagnostic);
  }
  blamed_.merge(fresh);
}

void Problems::blame(const Location& at) { blamed_.insert(place(at)); }

Diagnostics without_repeats(const Diagnostics& diagnostics) {
  std::set<std::tuple<const SourceFile*, std::uint32_t, std::uint32_t, std::string_view, std::string_view>>
      seen;
  Diagnostics result;
  for (const auto& diagnostic : diagnostics.list()) {
    const auto& at = diagnostic.at;
    if (seen.emplace(at.file.get(), at.line, at.column, diagnostic.summary, diagnostic.detail).second)
      result.add(diagnostic);
  }
  return result;
}

std::string in_quotes(std::string_view text) {
  if (text.size() <= max_quoted) return fmt::format("\"{}\"", printable(text));
  auto end = max_quoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return fmt::format("\"{}…\"", printable(text.substr(0, end)));
}

std::string with_suggestion(std::string_view word, std::string_view what,
                            std::span<const std::string> candidates, std::string_view candidates_are) {
  auto text = fmt::format("{} {}", in_quotes(word), what);
  const auto compared = candidates.first(std::min(candidates.size(), max_compared));
  if (const auto meant = closest(word, compared))
    return fmt::format("{}; did you mean {}?", text, in_quotes(*meant));
  if (candidates.empty() || candidates.size() > max_listed) return text;
  std::vector<std::string> listed(candidates.begin(), candidates.end());
  for (auto& candidate : listed) candidate = printable(candidate);
  return fmt::format("{}; {}: {}", text, candidates_are, join(listed, ", "));
}

}  // namespace tidelock
