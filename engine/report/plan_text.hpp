#pragma once

#include <string>

#include "engine/plan/plan.hpp"
#include "engine/report/style.hpp"

namespace tidelock {

/// A plan for people. The last line is stable: "Plan: 3 to add, 1 to change, 0 to destroy." or "No changes.
/// …".
[[nodiscard]] std::string plan_text(const Plan& plan, const Style& style, bool show_extra);

/// The same for a merge request or a ticket.
[[nodiscard]] std::string plan_markdown(const Plan& plan, bool show_extra);

/// "+", "~", "-", "-/+", "!" or " ".
[[nodiscard]] std::string_view sign_of(Action action);

/// Why a change is needed, in words.
[[nodiscard]] std::string_view explain(Cause cause);

/// A value as people read it.
[[nodiscard]] std::string value_text(const Value& value);

/// "owner root, group root, mode 0755".
[[nodiscard]] std::string attributes_text(const Attributes& attributes);

}  // namespace tidelock
