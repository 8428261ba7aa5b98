#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "engine/manifest/value.hpp"
#include "engine/model/address.hpp"

namespace tidelock {

/// What stands for a secret wherever values are written out.
inline constexpr std::string_view hidden_text = "(secret)";

/// For plans and ledgers. A Hidden value comes out as `hidden_text`.
[[nodiscard]] nlohmann::json to_json(const Value& value);
[[nodiscard]] nlohmann::json to_json(const Attributes& attributes);
/// Monostate for what no value can be.
[[nodiscard]] Value value_from_json(const nlohmann::json& json);
[[nodiscard]] Attributes attributes_from_json(const nlohmann::json& json);

/// As pairs [kind, name].
[[nodiscard]] nlohmann::json to_json(const std::vector<ResourceKey>& keys);
[[nodiscard]] std::vector<ResourceKey> keys_from_json(const nlohmann::json& json);

/// JSON text of one line. What is no UTF-8 is replaced, never thrown about.
[[nodiscard]] std::string dump(const nlohmann::json& json, int indent = -1);

}  // namespace tidelock
