#pragma once

#include <memory>

#include "providers/context.hpp"

namespace tidelock {

/// Slurm's accounting: QoS, accounts, users and their associations.
[[nodiscard]] std::unique_ptr<Provider> make_slurm_provider(const ProviderContext& context);

}  // namespace tidelock
