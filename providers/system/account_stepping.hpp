#pragma once

#include <span>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

/// Adds the steps of the changes that are about users and groups.
void add_account_steps(std::vector<Step>& steps, std::span<const Change* const> changes);

}  // namespace tidelock::system
