#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

/// Adds the steps of the changes that are about services: all units are written before the first is started,
/// so that systemd reads them once.
void add_service_steps(std::vector<Step>& steps, std::span<const Change* const> changes);

}  // namespace tidelock::system
