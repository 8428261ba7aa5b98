#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/plan/plan.hpp"
#include "engine/report/style.hpp"

namespace tidelock {

/// What equal changes of several hosts disturb, a line for each effect: "service nginx: restarted".
[[nodiscard]] std::vector<std::string> disturbance_lines(std::span<const Change* const> changes);

/// What the whole plan means to what runs now, what it sends, and what no rollback brings back. Empty when
/// there is nothing worth a word.
[[nodiscard]] std::string impact_text(const Plan& plan, const Style& style);

}  // namespace tidelock
