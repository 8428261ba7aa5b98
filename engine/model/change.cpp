#include "engine/model/change.hpp"

#include <array>

namespace tidelock {
namespace {

constexpr std::array<std::string_view, 7> cause_words{"",     "new",    "manifest", "drift",
                                                      "both", "orphan", "adopt"};
constexpr std::array<std::string_view, 6> action_words{"no-op",  "create",  "update",
                                                       "delete", "replace", "blocked"};

}  // namespace

std::string_view to_string(Action action) { return action_words.at(static_cast<std::size_t>(action)); }

std::string_view to_string(Cause cause) { return cause_words.at(static_cast<std::size_t>(cause)); }

std::optional<Cause> parse_cause(std::string_view word) {
  for (std::size_t i = 0; i < cause_words.size(); ++i)
    if (cause_words.at(i) == word) return static_cast<Cause>(i);
  return std::nullopt;
}

}  // namespace tidelock
