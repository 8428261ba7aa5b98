#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "engine/apply/outcome.hpp"
#include "engine/report/style.hpp"

namespace tidelock {

/// How an apply ended, for people: what failed and why, folded over hosts. The last line is stable:
/// "Applied: 3 added, 1 changed, 0 destroyed.", with ", 2 failed, 1 skipped" where there are such.
[[nodiscard]] std::string outcomes_text(const Plan& plan, const Outcomes& outcomes, const Style& style);

[[nodiscard]] nlohmann::json outcomes_json(const Plan& plan, const Outcomes& outcomes);

}  // namespace tidelock
