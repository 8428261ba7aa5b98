#pragma once

#include <nlohmann/json.hpp>

#include "engine/base/result.hpp"
#include "engine/plan/plan.hpp"

namespace tidelock {

/// The plan as schemas/plan.schema.json describes it, no-ops included. Secrets are in it as "(secret)".
[[nodiscard]] nlohmann::json to_json(const Plan& plan);

/// What a saved plan holds beyond that: enough to apply it again later, and a digest over all of it.
[[nodiscard]] std::string format_plan_file(const Plan& plan, const Selection& selection);

struct SavedPlan {
  Plan plan;
  Selection selection;
};

/// Refused: what is no plan of ours, what was changed after it was saved, and plans of a newer format.
[[nodiscard]] Result<SavedPlan> parse_plan_file(std::string_view text);

/// Why two plans would not do the same to the same hosts; none when they would. Compared are cluster,
/// manifest and commit, and the writing changes with what was observed for them; not who computed them when.
[[nodiscard]] std::optional<std::string> difference(const Plan& saved, const Plan& now);

}  // namespace tidelock
