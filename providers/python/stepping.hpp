#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::python {

/// New builds, and environments that go. `changes` are of one host, and all of them write.
[[nodiscard]] std::vector<Step> venv_steps(std::span<const Change* const> changes,
                                           const StepContext& context);

}  // namespace tidelock::python
