#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tidelock {

/// Keys and list indices from the root of a tree down to one of its parts.
using TreePath = std::vector<std::string>;

/// The innermost parts of `instance` that do not conform to the JSON Schema, as the validator sees it; none
/// exactly when all of it conforms.
[[nodiscard]] std::vector<TreePath> violations(const nlohmann::json& schema, const nlohmann::json& instance);

}  // namespace tidelock
