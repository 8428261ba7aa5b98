#include "providers/files/recall.hpp"

#include "providers/files/payload.hpp"

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

namespace {

std::shared_ptr<const Content> kept_content(const Attributes& attributes, std::string kept) {
  for (const auto* name : {"content", "source", "sha256"}) {
    const auto* value = attributes.find(name);
    if (value == nullptr) continue;
    auto content = std::make_shared<Content>();
    content->kept = std::move(kept);
    const auto* hidden = std::get_if<Hidden>(value);
    content->secret = hidden != nullptr || attributes.text(name).starts_with("hmac-");
    const auto text = attributes.text(name);
    content->sha256 = hidden != nullptr             ? hidden->sha256
                      : text.starts_with("sha256:") ? std::string(text.substr(text.find(':') + 1))
                                                    : std::string(text);
    return content;
  }
  return nullptr;
}

}  // namespace

DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes, const KeptPaths& kept) {
  const auto place = kept.find(key.name);
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = key.kind;
  declaration->name = key.name;
  declaration->path = key.name;
  declaration->attributes = attributes;
  declaration->after = accounts_of(attributes);
  declaration->payload = kept_content(attributes, place == kept.end() ? std::string() : place->second);
  return declaration;
}

}  // namespace tidelock::files
