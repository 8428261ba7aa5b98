#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// On the first controller: a trial of all changes together, then one step that makes them. On other hosts:
/// their files.
void add_conf_steps(std::vector<Step>& steps, std::span<const Change* const> changes);

}  // namespace tidelock::slurm
