#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/node.hpp"

namespace tidelock::nginx {

/// What a manifest's keys are in nginx's own words, as statements. What nginx would not read goes to
/// `diagnostics`.
[[nodiscard]] std::vector<std::string> location_directives(const Node& body, Diagnostics& diagnostics);
[[nodiscard]] std::vector<std::string> server_directives(const Node& body, Diagnostics& diagnostics);
[[nodiscard]] std::vector<std::string> upstream_directives(const Node& body, Diagnostics& diagnostics);

}  // namespace tidelock::nginx
