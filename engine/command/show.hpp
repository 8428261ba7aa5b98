#pragma once

#include <filesystem>

#include "engine/command/console.hpp"
#include "engine/command/options.hpp"
#include "engine/plan/plan_json.hpp"

namespace tidelock {

/// Writes a plan to stdout in the format that was asked for.
void show_plan(const Plan& plan, const Options& options, const Console& console);

/// A manifest is YAML in a folder or a file; a saved plan is a file of JSON.
[[nodiscard]] bool is_plan_file(const std::filesystem::path& path);

[[nodiscard]] Result<SavedPlan> load_plan_file(const std::filesystem::path& path);

}  // namespace tidelock
