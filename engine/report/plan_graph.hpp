#pragma once

#include <string>

#include "engine/plan/plan.hpp"

namespace tidelock {

/// The plan in the DOT language of graphviz: what is done, folded over hosts, and what waits for what. With
/// `everything` also what stays as it is.
[[nodiscard]] std::string plan_dot(const Plan& plan, bool everything);

}  // namespace tidelock
