#pragma once

#include <memory>

#include "engine/model/provider.hpp"
#include "providers/context.hpp"

namespace tidelock {

/// Groups, users, packages and services.
[[nodiscard]] std::unique_ptr<Provider> make_system_provider(const ProviderContext& context);

}  // namespace tidelock
