#pragma once

#include <memory>

#include "engine/model/provider.hpp"
#include "providers/context.hpp"

namespace tidelock {

/// Python environments.
[[nodiscard]] std::unique_ptr<Provider> make_python_provider(const ProviderContext& context);

}  // namespace tidelock
