#pragma once

#include <cstddef>
#include <vector>

#include "engine/model/declaration.hpp"
#include "engine/model/graph.hpp"

namespace tidelock {

/// Whether one resource of a host needs the other to be there: it lies in it, comes after it, or acts on it.
[[nodiscard]] bool stands_on(const Declaration& upper, const Declaration& lower);

/// The items as they came, but each behind those of which `comes_first(other, item)` says so.
template <class Item, class ComesFirst>
[[nodiscard]] std::vector<Item> in_order(const std::vector<Item>& items, const ComesFirst& comes_first) {
  std::vector<Item> order;
  std::vector<bool> seen(items.size());
  const auto visit = [&](const auto& self, std::size_t i) -> void {
    if (seen[i]) return;
    seen[i] = true;
    for (std::size_t other = 0; other < items.size(); ++other)
      if (!seen[other] && comes_first(items[other], items[i])) self(self, other);
    order.push_back(items[i]);
  };
  for (std::size_t i = 0; i < items.size(); ++i) visit(visit, i);
  return order;
}

/// A host's blueprint of declarations that no manifest has: what was there before.
[[nodiscard]] Blueprint blueprint_of(const std::vector<DeclarationPtr>& declarations);

}  // namespace tidelock
