#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/base/diagnostic.hpp"

namespace tidelock {

/// What the stages of a load find wrong. A place that one stage blamed is left alone by the later ones: what
/// they would say there only follows from it. Within a stage, one problem is said once, however many copies
/// of the place there are.
class Problems {
 public:
  void add(const Diagnostics& stage);
  /// Later stages say nothing about this place, though nothing is said about it now.
  void blame(const Location& at);

  [[nodiscard]] bool is_blamed(const Location& at) const { return blamed_.contains(place(at)); }
  [[nodiscard]] bool has_errors() const { return all_.has_errors(); }
  [[nodiscard]] Diagnostics take() && { return std::move(all_); }

 private:
  using Place = std::tuple<const SourceFile*, std::uint32_t, std::uint32_t>;
  [[nodiscard]] static Place place(const Location& at) { return {at.file.get(), at.line, at.column}; }

  std::set<Place> blamed_;
  Diagnostics all_;
};

/// The same diagnostics, each once.
[[nodiscard]] Diagnostics without_repeats(const Diagnostics& diagnostics);

/// A word of the user's in a message: in double quotes, and safe to print.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// `"ownr" <what>; did you mean "owner"?`, or all the candidates where none is near and they are few.
[[nodiscard]] std::string with_suggestion(std::string_view word, std::string_view what,
                                          std::span<const std::string> candidates,
                                          std::string_view candidates_are);

}  // namespace tidelock
