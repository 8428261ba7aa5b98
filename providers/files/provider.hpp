#pragma once

#include <memory>

#include "engine/model/provider.hpp"
#include "providers/context.hpp"

namespace tidelock {

/// Directories, files, images and trees.
[[nodiscard]] std::unique_ptr<Provider> make_files_provider(const ProviderContext& context);

}  // namespace tidelock
