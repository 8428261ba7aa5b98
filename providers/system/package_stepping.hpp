#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

[[nodiscard]] std::vector<Placement> expand_packages(const Section& section, Diagnostics& diagnostics);

/// Adds the steps of the changes that are about packages: one run to remove, one to install, then holds.
void add_package_steps(std::vector<Step>& steps, std::span<const Change* const> changes);

}  // namespace tidelock::system
