#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// Adds the steps that write and delete job templates.
void add_template_steps(std::vector<Step>& steps, std::span<const Change* const> changes);

}  // namespace tidelock::slurm
