#include "engine/manifest/schema.hpp"

#include <algorithm>
#include <stdexcept>

#include "engine/manifest/conformance.hpp"
#include "engine/manifest/envelope.schema.json.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/tree_check.hpp"
#include "engine/manifest/tree_json.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

using nlohmann::json;

json& node_type_properties(json& document) { return document["definitions"]["node_type"]["properties"]; }

/// Editors shall not complain about the empty value that takes away what is inherited.
void allow_null(json& schema) {
  if (const auto type = schema.find("type"); type != schema.end() && type->is_string() && *type == "object")
    *type = json::array({"object", "null"});
}

json& followed(json& document, json& schema) { return const_cast<json&>(follow(document, schema)); }

/// In a section of a cluster or node type, the section and its entries can be taken away.
void allow_removal(json& document, json& section) {
  auto& body = followed(document, section);
  allow_null(body);
  const auto entries = body.find("additionalProperties");
  if (entries != body.end() && entries->is_object()) allow_null(followed(document, *entries));
}

/// The tree as the validator shall see it: partial node types would only miss keys there.
json instance_of(const Node& root, const json& document, const std::set<std::string>& partial) {
  auto instance = tree_json(root, SchemaView(document, document));
  const auto types = instance.find("node_types");
  if (types == instance.end() || !types->is_object()) return instance;
  for (const auto& name : partial)
    if (types->contains(name)) (*types)[name] = json::object();
  return instance;
}

}  // namespace

Schema::Schema(const std::vector<SchemaFragment>& fragments)
    : document_(json::parse(embedded::manifest_envelope_schema_json)) {
  for (const auto& fragment : fragments) {
    for (const auto& [name, definition] : fragment.definitions.items()) {
      const auto [at, fresh] = document_["definitions"].emplace(name, definition);
      if (!fresh && *at != definition) throw std::logic_error("schema: two families define " + name);
    }
    add_sections(fragment.node_type, node_type_properties(document_), node_type_sections_);
    add_sections(fragment.cluster, document_["properties"], cluster_sections_);
  }
  for (const auto& name : node_type_sections_)
    allow_removal(document_, node_type_properties(document_)[name]);
  for (const auto& name : cluster_sections_) allow_removal(document_, document_["properties"][name]);
}

void Schema::add_sections(const json& sections, json& properties, std::set<std::string, std::less<>>& names) {
  for (const auto& [name, section] : sections.items()) {
    if (!properties.emplace(name, section).second)
      throw std::logic_error("schema: two sections are called " + name);
    names.insert(name);
  }
}

const json& Schema::section(std::string_view name) const {
  if (is_node_type_section(name))
    return document_.at("definitions").at("node_type").at("properties").at(std::string(name));
  if (is_cluster_section(name)) return document_.at("properties").at(std::string(name));
  throw std::logic_error("schema: there is no section " + std::string(name));
}

bool Schema::is_node_type_section(std::string_view name) const { return node_type_sections_.contains(name); }

bool Schema::is_cluster_section(std::string_view name) const { return cluster_sections_.contains(name); }

const json& Schema::resolved(const json& part) const { return follow(document_, part); }

Diagnostics Schema::check(const Node& root, const std::set<std::string>& partial) const {
  TreeCheck check(*this, partial);
  check.root(root);
  for (const auto& path : violations(document_, instance_of(root, document_, partial)))
    if (!check.explains(path)) check.unexplained(root, path);
  return without_repeats(std::move(check).take());
}

}  // namespace tidelock
