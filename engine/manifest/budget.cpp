#include "engine/manifest/budget.hpp"

namespace tidelock {

std::size_t weight(const Node& tree) {
  std::size_t sum = 1;
  for (const auto& entry : tree.entries()) sum += weight(entry.value);
  if (const auto* items = tree.sequence())
    for (const auto& item : *items) sum += weight(item);
  return sum;
}

}  // namespace tidelock
