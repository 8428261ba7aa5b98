#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>

namespace tidelock {

/// What a run tells the shell. Values are part of the interface.
enum class Exit : std::uint8_t {
  done = 0,
  error = 1,
  changes = 2,
  partly = 3,
  refused = 4,
  locked = 5,
  stale = 6,
  incomplete = 7,
  rolled_back = 8,
  usage = 64,
};

/// Where several hold, the one that matters most.
[[nodiscard]] inline Exit most_telling(const std::set<Exit>& all) {
  for (const auto exit : {Exit::usage, Exit::error, Exit::locked, Exit::refused, Exit::stale,
                          Exit::rolled_back, Exit::partly, Exit::incomplete, Exit::changes})
    if (all.contains(exit)) return exit;
  return Exit::done;
}

}  // namespace tidelock
