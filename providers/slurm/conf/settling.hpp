#pragma once

#include <span>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// Works out the configuration that is to come, from the files of the first controller and all that is
/// declared, and with it what the files of every host are to be. What cannot be done, or has to wait, gets an
/// obstacle and is left aside.
void settle_conf(std::span<Sight> group);

}  // namespace tidelock::slurm
