#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::redis {

/// One step for all changes of an instance: one login, all requests, and what makes them last.
[[nodiscard]] std::vector<Step> steps_for(std::span<const Change* const> changes);

}  // namespace tidelock::redis
