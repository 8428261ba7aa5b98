#pragma once

#include <memory>
#include <optional>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/budget.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock {

/// Deeper nesting than that is refused; every walk over a tree may recurse.
inline constexpr std::size_t max_yaml_depth = 64;

/// The tree of one file. An empty file is a null node. None where the text is no YAML that we take;
/// everything that is wrong is in `diagnostics`, also where there is a tree: a repeated key, for example,
/// whose first value stays.
[[nodiscard]] std::optional<Node> read_yaml(const std::shared_ptr<const SourceFile>& source, Budget& budget,
                                            Diagnostics& diagnostics);

}  // namespace tidelock
