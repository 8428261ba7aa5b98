#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/property/scene.hpp"

namespace tidelock::property {

/// What a number of cases came to: that they found nothing is worth little unless they did much.
struct Tally {
  std::map<std::string, std::size_t> counts;

  void add(const std::string& what, std::size_t count = 1) { counts[what] += count; }
};

/// Plays a case through. Gives what is wrong with it, if anything is, and what Tidelock said until then.
[[nodiscard]] std::optional<std::string> play(const Scene& scene, Tally& tally, bool show);

}  // namespace tidelock::property
