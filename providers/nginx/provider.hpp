#pragma once

#include <memory>

#include "engine/model/provider.hpp"
#include "providers/context.hpp"

namespace tidelock {

/// Upstreams, servers and locations of nginx.
[[nodiscard]] std::unique_ptr<Provider> make_nginx_provider(const ProviderContext& context);

}  // namespace tidelock
