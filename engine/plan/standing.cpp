#include "engine/plan/standing.hpp"

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

bool lies_in(const Declaration& inner, const Declaration& outer) {
  return inner.path && outer.path && inner.path->starts_with(*outer.path + '/');
}

}  // namespace

bool stands_on(const Declaration& upper, const Declaration& lower) {
  const ResourceKey key{lower.kind, lower.name};
  return lies_in(upper, lower) || holds(upper.after, key) || holds(upper.inputs, key);
}

Blueprint blueprint_of(const std::vector<DeclarationPtr>& declarations) {
  Blueprint blueprint;
  for (auto& declaration :
       in_order(declarations, [](const DeclarationPtr& other, const DeclarationPtr& item) {
         return stands_on(*item, *other);
       })) {
    std::vector<std::uint32_t> needs;
    for (std::uint32_t before = 0; before < blueprint.items.size(); ++before)
      if (stands_on(*declaration, *blueprint.items[before].declaration)) needs.push_back(before);
    blueprint.items.push_back({std::move(declaration), std::move(needs)});
  }
  return blueprint;
}

}  // namespace tidelock
