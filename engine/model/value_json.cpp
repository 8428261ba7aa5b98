#include "engine/model/value_json.hpp"

namespace tidelock {
namespace {

struct Writer {
  nlohmann::json operator()(std::monostate /*none*/) const { return nullptr; }
  nlohmann::json operator()(const Hidden& /*secret*/) const { return hidden_text; }
  nlohmann::json operator()(const auto& value) const { return value; }
};

}  // namespace

nlohmann::json to_json(const Value& value) { return std::visit(Writer{}, value); }

nlohmann::json to_json(const Attributes& attributes) {
  auto json = nlohmann::json::object();
  for (const auto& [name, value] : attributes) json[name] = to_json(value);
  return json;
}

Value value_from_json(const nlohmann::json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_array()) return std::monostate{};
  std::vector<std::string> items;
  for (const auto& item : json)
    if (item.is_string()) items.push_back(item.get<std::string>());
  return items;
}

nlohmann::json to_json(const std::vector<ResourceKey>& keys) {
  auto json = nlohmann::json::array();
  for (const auto& key : keys) json.push_back(nlohmann::json::array({key.kind, key.name}));
  return json;
}

std::vector<ResourceKey> keys_from_json(const nlohmann::json& json) {
  std::vector<ResourceKey> keys;
  for (const auto& pair : json) keys.push_back({pair.at(0), pair.at(1)});
  return keys;
}

Attributes attributes_from_json(const nlohmann::json& json) {
  Attributes attributes;
  if (json.is_object())
    for (const auto& [name, value] : json.items()) attributes.set(name, value_from_json(value));
  return attributes;
}

std::string dump(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tidelock
