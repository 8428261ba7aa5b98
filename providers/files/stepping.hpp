#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::files {

/// Directories, files and images as they are made and changed. `changes` are of one host and all of them
/// write.
[[nodiscard]] std::vector<Step> steps_for(std::span<const Change* const> changes, const StepContext& context);

}  // namespace tidelock::files
