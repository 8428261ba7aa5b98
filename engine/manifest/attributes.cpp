#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "engine/manifest/schema.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/tree_json.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

using nlohmann::json;

Value from_json(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::optional<Value> scalar_value(const Node::Scalar& scalar, const SchemaView& view) {
  if (scalar.secret) return std::nullopt;
  const auto type = view.text("x-type");
  if (type.empty()) return from_json(scalar_json(scalar, view));
  auto value = value_type(type).parse({.text = scalar.text, .quoted = scalar.quoted});
  return value ? std::optional(*std::move(value)) : std::nullopt;
}

/// The words of a list; those of a set in their order, each once.
Value list_value(const Node::Sequence& items, const SchemaView& view) {
  const bool is_set = view.text("x-type") == "set";
  const auto of_items = view.items();
  const auto* type = of_items.text("x-type").empty() ? nullptr : &value_type(of_items.text("x-type"));
  std::vector<std::string> words;
  for (const auto& item : items) {
    const auto value = type == nullptr ? std::nullopt : scalar_value(*item.scalar(), of_items);
    words.push_back(value ? type->show(*value) : std::string(item.text()));
  }
  if (!is_set) return words;
  std::ranges::sort(words);
  const auto repeats = std::ranges::unique(words);
  words.erase(repeats.begin(), repeats.end());
  return words;
}

}  // namespace

Attributes Schema::attributes(const Node& body, const json& schema) const {
  const SchemaView view(document_, schema);
  Attributes attributes;
  for (const auto& entry : body.entries()) {
    const auto of_value = view.value(entry.key);
    if (!of_value.flag("x-attribute") || of_value.flag("x-source")) continue;
    if (const auto* scalar = entry.value.scalar()) {
      if (auto value = scalar_value(*scalar, of_value)) attributes.set(entry.key, *std::move(value));
    } else if (const auto* items = entry.value.sequence()) {
      attributes.set(entry.key, list_value(*items, of_value));
    }
  }
  return attributes;
}

}  // namespace tidelock
