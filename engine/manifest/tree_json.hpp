#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/manifest/node.hpp"
#include "engine/manifest/schema_view.hpp"

namespace tidelock {

/// What an unquoted scalar is in YAML's core schema, as far as that can be had without guessing: `yes` is a
/// text, and so is 0755.
enum class ScalarType : std::uint8_t { text, boolean, integer, number };

[[nodiscard]] ScalarType scalar_type(const Node::Scalar& scalar);

/// One scalar as JSON. Where the schema names a value type and does not want YAML's own type, it is the text
/// as written.
[[nodiscard]] nlohmann::json scalar_json(const Node::Scalar& scalar, const SchemaView& view);

/// A tree as JSON, for a validator. Very long texts come out shorter: patterns cost a validator stack.
[[nodiscard]] nlohmann::json tree_json(const Node& tree, const SchemaView& view);

}  // namespace tidelock
