#include "providers/common/keys.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {

bool is_true(const Node* node) { return node != nullptr && node->text() == "true"; }

bool names_node(const Node& name, const Manifest& manifest, Diagnostics& diagnostics) {
  if (manifest.find_node(name.text()) != nullptr) return true;
  std::vector<std::string> nodes;
  for (const auto& node : manifest.nodes) nodes.push_back(node.name);
  const auto near = closest(name.text(), nodes);
  diagnostics.error(name.at(), "No such node",
                    fmt::format("{} is not among `nodes`{}", shown(name.text()),
                                near ? fmt::format("; did you mean {}?", *near) : ""));
  return false;
}

}  // namespace tidelock
