#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::files {

/// New releases, and trees that go. `changes` are of one host, and all of them write.
[[nodiscard]] std::vector<Step> tree_steps(std::span<const Change* const> changes,
                                           const StepContext& context);

}  // namespace tidelock::files
