#pragma once

#include <string>

#include "engine/command/carrier.hpp"

namespace tidelock {

/// Brings the selected hosts back to how they were before a run, and before everything that came after it, by
/// a plan of its own. `run` may be empty: then the last one. `agreed` as for a Carrier.
[[nodiscard]] Exit roll_back(const Workshop& shop, std::string run, bool agreed);

}  // namespace tidelock
