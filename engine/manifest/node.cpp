#include "engine/manifest/node.hpp"

#include <algorithm>

namespace tidelock {

const Node* Node::find(std::string_view key) const {
  const auto all = entries();
  const auto at = std::ranges::find(all, key, &Entry::key);
  return at == all.end() ? nullptr : &at->value;
}

std::span<const Node::Entry> Node::entries() const {
  const Map* entries = map();
  return entries == nullptr ? std::span<const Entry>{} : std::span<const Entry>(*entries);
}

std::string_view Node::text() const {
  const Scalar* value = scalar();
  return value == nullptr ? std::string_view{} : std::string_view(value->text);
}

std::vector<std::string> Node::texts() const {
  std::vector<std::string> result;
  if (scalar() != nullptr) result.emplace_back(text());
  if (const Sequence* items = sequence())
    for (const auto& item : *items)
      if (item.scalar() != nullptr) result.emplace_back(item.text());
  return result;
}

}  // namespace tidelock
