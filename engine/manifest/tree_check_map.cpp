#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/tree_check.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

using nlohmann::json;

bool closed(const json& schema) {
  const auto additional = schema.find("additionalProperties");
  return additional != schema.end() && additional->is_boolean() && !additional->get<bool>();
}

std::string list_of(std::span<const std::string> keys, std::string_view last) {
  std::vector<std::string> words;
  std::ranges::transform(keys, std::back_inserter(words), in_quotes);
  if (words.size() == 1) return words.front();
  const auto end = std::move(words.back());
  words.pop_back();
  return fmt::format("{} {} {}", join(words, ", "), last, end);
}

}  // namespace

void TreeCheck::map(const Node& node, const json& schema, const Subject& subject) {
  for (const auto& one : node.entries()) {
    const bool outside = partial_;
    if (path_.size() == 1 && path_.front() == "node_types") partial_ = partial_types_.contains(one.key);
    path_.push_back(one.key);
    entry(one, schema);
    path_.pop_back();
    partial_ = outside;
  }
  if (partial_) return;
  required_keys(node, schema, subject);
  const auto least = schema.find("minProperties");
  if (least == schema.end() || node.entries().size() >= least->get<std::size_t>()) return;
  auto detail = fmt::format("{} needs at least one entry", in_quotes(subject.name));
  if (path_ == TreePath{"nodes"})
    report_no_nodes(*subject.at, "Map is empty", std::move(detail));
  else
    report(*subject.at, "Map is empty", std::move(detail));
}

void TreeCheck::entry(const Node::Entry& entry, const json& schema) {
  key(entry, schema);
  if (const json* of_value = value_schema(schema, entry.key))
    value(entry.value, *of_value, {.name = entry.key, .at = &entry.key_at});
  else if (closed(schema))
    unknown_key(entry, schema);
}

void TreeCheck::key(const Node::Entry& entry, const json& schema) {
  const auto keys = schema.find("x-keys");
  if (keys == schema.end() || *keys == "path" || *keys == "hostlist") return;
  const auto& type = value_type(keys->get<std::string>());
  const auto name = type.parse({.text = entry.key, .quoted = true});
  if (!name) report(entry.key_at, fmt::format("{} is not valid", type.title), name.error());
}

void TreeCheck::unknown_key(const Node::Entry& entry, const json& schema) {
  const bool at_top = path_.size() == 1;
  const bool in_node_type = path_.size() == 3 && path_.front() == "node_types";
  const bool of_top =
      schema_.is_cluster_section(entry.key) || schema_.document().at("properties").contains(entry.key);
  std::string detail;
  if (at_top && schema_.is_node_type_section(entry.key))
    detail = fmt::format("{} belongs into a node type: node_types: {{ NAME: {{ {}: … }} }}",
                         in_quotes(entry.key), printable(entry.key));
  else if (in_node_type && of_top)
    detail = fmt::format("{} belongs to the top of the manifest, not into a node type", in_quotes(entry.key));
  else {
    std::vector<std::string> known;
    if (const auto properties = schema.find("properties"); properties != schema.end())
      for (const auto& [name, ignored] : properties->items()) known.push_back(name);
    detail = with_suggestion(entry.key, "is not known here", known, "known are");
  }
  report(entry.key_at, "Unknown key", std::move(detail));
}

bool TreeCheck::is_misspelt(const Node& map, const json& schema, const std::string& key) {
  return std::ranges::any_of(map.entries(), [&](const Node::Entry& entry) {
    return value_schema(schema, entry.key) == nullptr && closest(entry.key, std::span(&key, 1));
  });
}

void TreeCheck::required_keys(const Node& node, const json& schema, const Subject& subject) {
  const auto required = schema.find("required");
  if (required == schema.end()) return;
  std::vector<std::string> missing;
  for (const auto& one : *required) {
    auto key = one.get<std::string>();
    if (node.find(key) == nullptr && !is_misspelt(node, schema, key)) missing.push_back(std::move(key));
  }
  if (!missing.empty())
    report(*subject.at, "Key is missing",
           fmt::format("{} needs {}", in_quotes(subject.name), list_of(missing, "and")));
}

/// Alternatives that only differ in the key that they ask for: exactly one of the keys has to be there.
void TreeCheck::one_of_keys(const Node& map, const json& alternatives, const Subject& subject) {
  std::vector<std::string> keys;
  std::vector<const Node::Entry*> present;
  for (const auto& alternative : alternatives)
    for (const auto& key : alternative.at("required")) keys.push_back(key.get<std::string>());
  for (const auto& entry : map.entries())
    if (std::ranges::find(keys, entry.key) != keys.end()) present.push_back(&entry);
  if (present.empty() && !partial_)
    report(*subject.at, "Key is missing",
           fmt::format("{} needs {}", in_quotes(subject.name), list_of(keys, "or")));
  if (present.size() < 2 || alternatives.size() < 2) return;
  report(present[1]->key_at, "Keys exclude each other",
         fmt::format("{} and {} say the same thing in two ways; keep one of them", in_quotes(present[0]->key),
                     in_quotes(present[1]->key)),
         {{present[0]->key_at, "the other is here"}});
}

}  // namespace tidelock
