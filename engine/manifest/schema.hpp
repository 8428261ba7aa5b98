#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/node.hpp"
#include "engine/manifest/value.hpp"

namespace tidelock {

/// What one family of kinds adds to the manifest's schema. `node_type` and `cluster` map section names
/// ("directories") to JSON Schemas: sections of a node type, and sections at the top of the manifest.
/// Annotations understood beside JSON Schema (draft 7):
///   x-type       names the ValueType of a scalar ("mode", "duration", …)
///   x-attribute  true: the property is an attribute of the resource, compared with the living one
///   x-keys       "path": the map's keys are absolute paths: braces expand, `//`, `/./` and a trailing `/`
///   go;
///                "hostlist": the keys are host lists; otherwise a ValueType: "name", "login", "unit", …
///   x-secret     true: the scalar may be a !env, !file or !command secret
///   x-source     true: the scalar is a local path, resolved against the file that wrote it
struct SchemaFragment {
  nlohmann::json node_type;    ///< section name → schema
  nlohmann::json cluster;      ///< section name → schema
  nlohmann::json definitions;  ///< shared parts, for "$ref": "#/definitions/…"
};

/// A fragment from the text of a family's schema.json, an object with these three members. The text is ours:
/// a broken one is a bug.
[[nodiscard]] SchemaFragment parse_fragment(std::string_view text);

/// The schema of whole manifests: the engine's own part and every family's. It is what editors read
/// (schemas/manifest.schema.json), what manifests are checked with, and what the reference is written from.
class Schema {
 public:
  explicit Schema(const std::vector<SchemaFragment>& fragments);

  [[nodiscard]] const nlohmann::json& document() const { return document_; }
  /// The schema of one section's body; it is a bug to ask for one that does not exist.
  [[nodiscard]] const nlohmann::json& section(std::string_view name) const;
  [[nodiscard]] bool is_node_type_section(std::string_view name) const;
  [[nodiscard]] bool is_cluster_section(std::string_view name) const;
  /// Follows `$ref` until there is none.
  [[nodiscard]] const nlohmann::json& resolved(const nlohmann::json& part) const;

  /// Everything wrong with a merged manifest tree: unknown keys (with what was probably meant), wrong types,
  /// values that their ValueType refuses, missing keys. One problem gives one diagnostic. In `partial` node
  /// types, which are no whole without others, nothing is missing.
  [[nodiscard]] Diagnostics check(const Node& root, const std::set<std::string>& partial = {}) const;

  /// The canonical attributes that a checked body declares: its `x-attribute` properties, through their value
  /// types. Secrets and sources are left to the caller.
  [[nodiscard]] Attributes attributes(const Node& body, const nlohmann::json& schema) const;

 private:
  void add_sections(const nlohmann::json& sections, nlohmann::json& properties,
                    std::set<std::string, std::less<>>& names);

  nlohmann::json document_;
  std::set<std::string, std::less<>> node_type_sections_;
  std::set<std::string, std::less<>> cluster_sections_;
};

/// The reference in Markdown (docs/manifest.md), from the schema's titles and descriptions.
[[nodiscard]] std::string reference_markdown(const Schema& schema);

}  // namespace tidelock
