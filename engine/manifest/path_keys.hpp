#pragma once

#include <nlohmann/json.hpp>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/budget.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// The same tree with every key that the schema calls a path (`x-keys: path`) in its canonical form, braces
/// expanded. It comes before all merging, so that two spellings of one path meet.
[[nodiscard]] Node with_path_keys(const Node& tree, const nlohmann::json& document, Budget& budget,
                                  Diagnostics& diagnostics);

}  // namespace tidelock
