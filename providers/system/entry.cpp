#include "providers/system/entry.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/manifest/value_type.hpp"

namespace tidelock::system {

std::shared_ptr<Declaration> declaration_of(std::string kind, const Node::Entry& entry,
                                            const Section& section) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = std::move(kind);
  declaration->name = entry.key;
  declaration->at = entry.key_at;
  declaration->asked_by = {fmt::format("node type {}", section.node_type)};
  declaration->protect = is_true(entry.value.find("protect"));
  declaration->detect_only = is_true(entry.value.find("detect_only"));
  if (const auto* ignored = entry.value.find("ignore"))
    for (auto& attribute : ignored->texts()) declaration->ignore.insert(std::move(attribute));
  return declaration;
}

void take(Declaration& declaration, const Node& body, std::string_view name, std::string_view type) {
  const auto* node = body.find(name);
  if (node == nullptr) return;
  if (node->sequence() != nullptr) {
    auto words = node->texts();
    std::ranges::sort(words);
    const auto repeats = std::ranges::unique(words);
    words.erase(repeats.begin(), repeats.end());
    declaration.attributes.set(name, std::move(words));
  } else if (const auto* scalar = node->scalar()) {
    if (auto value = value_type(type).parse({node->text(), scalar->quoted}))
      declaration.attributes.set(name, *std::move(value));
  }
}

}  // namespace tidelock::system
