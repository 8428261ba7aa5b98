#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::nginx {

/// One step for all changes of a host: one test, one reload.
[[nodiscard]] std::vector<Step> steps_for(std::span<const Change* const> changes);

}  // namespace tidelock::nginx
