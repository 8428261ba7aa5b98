#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock {

/// What providers may use on this machine.
struct ProviderContext {
  std::filesystem::path cache;  ///< a folder for what may be lost, made when something is put there
  bool rehash = false;          ///< do not believe what was remembered in it
};

/// Every family under providers/, in the order of their names.
[[nodiscard]] std::vector<std::unique_ptr<Provider>> make_providers(const ProviderContext& context);

}  // namespace tidelock
