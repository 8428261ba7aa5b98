#include "engine/model/provider.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace tidelock {

std::vector<SchemaFragment> Registry::fragments() const {
  std::vector<SchemaFragment> fragments;
  for (const auto& provider : providers_) fragments.push_back(provider->schema());
  return fragments;
}

const Provider* Registry::of_kind(std::string_view kind) const {
  for (const auto& provider : providers_)
    if (holds(provider->kinds(), kind)) return provider.get();
  return nullptr;
}

}  // namespace tidelock
