#pragma once

#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tidelock {

/// Follows `$ref` into `document` until there is none.
[[nodiscard]] const nlohmann::json& follow(const nlohmann::json& document, const nlohmann::json& schema);

/// Every schema that may have a say about one value: references followed, `allOf`, `anyOf`, `oneOf`, `then`
/// and `else` opened. For what is declared beside validity: value types, kinds of keys, descriptions.
class SchemaView {
 public:
  SchemaView(const nlohmann::json& document, const nlohmann::json& schema);

  /// The view of a map's value under this key.
  [[nodiscard]] SchemaView value(std::string_view key) const;
  /// The view of a list's items.
  [[nodiscard]] SchemaView items() const;

  /// The first value of an annotation; null pointer where there is none.
  [[nodiscard]] const nlohmann::json* annotation(std::string_view name) const;
  [[nodiscard]] std::string_view text(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] const std::vector<const nlohmann::json*>& parts() const { return parts_; }

 private:
  explicit SchemaView(const nlohmann::json& document) : document_(&document) {}
  void add(const nlohmann::json& schema);

  const nlohmann::json* document_;
  std::vector<const nlohmann::json*> parts_;
};

/// Whether a schema's `type` has this word, alone or in a list.
[[nodiscard]] bool has_type(const nlohmann::json& schema, std::string_view type);

/// The schema of a map's value under this key; null pointer where the key is not foreseen.
[[nodiscard]] const nlohmann::json* value_schema(const nlohmann::json& schema, std::string_view key);

}  // namespace tidelock
