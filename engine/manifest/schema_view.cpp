#include "engine/manifest/schema_view.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>
#include <string>

namespace tidelock {
namespace {

using nlohmann::json;

const json* member(const json& object, std::string_view name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

const json& follow(const json& document, const json& schema) {
  const json* at = &schema;
  for (int steps = 0; const json* reference = member(*at, "$ref"); ++steps) {
    const auto& text = reference->get_ref<const std::string&>();
    if (steps > 16 || !text.starts_with("#/"))
      throw std::logic_error("schema: a $ref that leads nowhere: " + text);
    at = &document.at(json::json_pointer(text.substr(1)));
  }
  return *at;
}

SchemaView::SchemaView(const json& document, const json& schema) : SchemaView(document) { add(schema); }

void SchemaView::add(const json& schema) {
  const json& part = follow(*document_, schema);
  if (!part.is_object() || std::ranges::find(parts_, &part) != parts_.end()) return;
  parts_.push_back(&part);
  for (const auto* word : {"allOf", "anyOf", "oneOf"})
    if (const json* alternatives = member(part, word))
      for (const auto& alternative : *alternatives) add(alternative);
  for (const auto* word : {"then", "else"})
    if (const json* branch = member(part, word)) add(*branch);
}

SchemaView SchemaView::value(std::string_view key) const {
  SchemaView view(*document_);
  for (const json* part : parts_)
    if (const json* schema = value_schema(*part, key)) view.add(*schema);
  return view;
}

SchemaView SchemaView::items() const {
  SchemaView view(*document_);
  for (const json* part : parts_)
    if (const json* schema = member(*part, "items")) view.add(*schema);
  return view;
}

const json* SchemaView::annotation(std::string_view name) const {
  for (const json* part : parts_)
    if (const json* found = member(*part, name)) return found;
  return nullptr;
}

std::string_view SchemaView::text(std::string_view name) const {
  const json* found = annotation(name);
  return found != nullptr && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                                : std::string_view{};
}

bool SchemaView::flag(std::string_view name) const {
  const json* found = annotation(name);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

bool has_type(const json& schema, std::string_view type) {
  const json* types = member(schema, "type");
  if (types == nullptr) return false;
  if (types->is_string()) return types->get_ref<const std::string&>() == type;
  return std::ranges::any_of(*types, [&](const json& one) { return one == type; });
}

const json* value_schema(const json& schema, std::string_view key) {
  if (const json* properties = member(schema, "properties"))
    if (const json* found = member(*properties, key)) return found;
  if (const json* patterns = member(schema, "patternProperties"))
    for (const auto& [pattern, value] : patterns->items())
      if (key.size() < 1000 && std::regex_search(key.begin(), key.end(), std::regex(pattern))) return &value;
  const json* additional = member(schema, "additionalProperties");
  return additional != nullptr && additional->is_object() ? additional : nullptr;
}

}  // namespace tidelock
