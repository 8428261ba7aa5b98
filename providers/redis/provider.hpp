#pragma once

#include <memory>

#include "providers/context.hpp"

namespace tidelock {

/// A running Redis: its users, settings and keys.
[[nodiscard]] std::unique_ptr<Provider> make_redis_provider(const ProviderContext& context);

}  // namespace tidelock
