#include "providers/files/recall.hpp"

namespace tidelock::files {

std::vector<ResourceKey> accounts_of(const Attributes& attributes) {
  std::vector<ResourceKey> accounts;
  const auto add = [&](std::string kind, std::string_view name) {
    const bool number = name.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number) accounts.push_back({std::move(kind), std::string(name)});
  };
  add("user", attributes.text("owner"));
  add("group", attributes.text("group"));
  return accounts;
}

DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = key.kind;
  declaration->name = key.name;
  declaration->path = key.name;
  declaration->attributes = attributes;
  declaration->after = accounts_of(attributes);
  return declaration;
}

}  // namespace tidelock::files
