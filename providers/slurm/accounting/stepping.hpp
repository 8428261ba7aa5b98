#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// Adds the one step that carries all changes of the accounting out; nothing where there are none.
void add_accounting_step(std::vector<Step>& steps, std::span<const Change* const> changes);

}  // namespace tidelock::slurm
