#include "engine/manifest/tree_check.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/tree_json.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

using nlohmann::json;

constexpr std::string_view root_name = "the manifest";

/// One of a fixed set of keys is needed, and nothing else is said: {"required": ["content"]}.
bool only_requires(const json& alternative) {
  return alternative.is_object() && alternative.size() == 1 && alternative.contains("required");
}

std::string with_article(std::string_view title) {
  if (title == "Truth value") return "true or false";
  if (title == "Set") return "a list";
  if (title == "Number") return "a whole number";
  std::string word(title);
  word.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(word.front())));
  return fmt::format("{} {}", std::string_view("aeiou").contains(word.front()) ? "an" : "a", word);
}

std::string type_words(std::string_view type) {
  if (type == "object") return "a map";
  if (type == "array") return "a list";
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  return type == "boolean" ? "true or false" : "a text";
}

std::string found_words(const Node& node) {
  if (node.map() != nullptr) return "a map";
  if (node.sequence() != nullptr) return "a list";
  return scalar_type(*node.scalar()) == ScalarType::text ? fmt::format("the text {}", in_quotes(node.text()))
                                                         : printable(node.text());
}

const Node* child(const Node& node, const std::string& step) {
  if (const auto* items = node.sequence()) {
    const auto index = static_cast<std::size_t>(std::strtoull(step.c_str(), nullptr, 10));
    return index < items->size() ? &(*items)[index] : nullptr;
  }
  return node.find(step);
}

}  // namespace

void TreeCheck::report(const Location& at, std::string summary, std::string detail, std::vector<Note> notes) {
  wrong_.insert(path_);
  diagnostics_.error(at, std::move(summary), std::move(detail), std::move(notes));
}

/// A manifest without machines must not look like "take everything away".
void TreeCheck::report_no_nodes(const Location& at, std::string summary, std::string detail) {
  wrong_.insert(path_);
  diagnostics_.refuse(at, std::move(summary), std::move(detail));
}

bool TreeCheck::explains(const TreePath& path) const {
  TreePath around;
  for (const auto& step : path) {
    if (wrong_.contains(around)) return true;
    around.push_back(step);
  }
  const auto inside = wrong_.lower_bound(path);
  return inside != wrong_.end() && inside->size() >= path.size() &&
         std::ranges::equal(path, std::span(*inside).first(path.size()));
}

void TreeCheck::root(const Node& root) {
  for (const auto* key : {"tidelock", "cluster", "nodes"}) {
    if (root.find(key) != nullptr || is_misspelt(root, schema_.document(), key)) continue;
    const auto* why = std::string_view(key) == "tidelock" ? "the format's version; write tidelock: 1"
                      : std::string_view(key) == "nodes"  ? "and no machine is meant when none is named"
                                                          : "the cluster's name";
    path_.emplace_back(key);
    auto detail = fmt::format("the manifest has no \"{}\": {}", key, why);
    if (std::string_view(key) == "nodes")
      report_no_nodes(root.at(), "Key is missing", std::move(detail));
    else
      report(root.at(), "Key is missing", std::move(detail));
    path_.pop_back();
  }
  value(root, schema_.document(), {.name = root_name, .at = &root.at()});
}

void TreeCheck::unexplained(const Node& root, const TreePath& path) {
  const Node* node = &root;
  Location at = root.at();
  SchemaView view(schema_.document(), schema_.document());
  for (const auto& step : path) {
    const auto entry = std::ranges::find(node->entries(), step, &Node::Entry::key);
    const Node* next = child(*node, step);
    if (next == nullptr) break;
    at = entry == node->entries().end() ? next->at() : entry->key_at;
    view = node->sequence() == nullptr ? view.value(step) : view.items();
    node = next;
  }
  auto about = view.text("description");
  if (about.empty()) about = view.text("title");
  path_ = path;
  report(at, "Value does not fit the schema",
         fmt::format("{}{}{}", path.empty() ? "the manifest" : in_quotes(path.back()),
                     about.empty() ? "" : ": ", about));
}

std::string TreeCheck::expected(const json& schema) const {
  std::vector<std::string> words;
  const auto add = [&](std::string word) {
    if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
  };
  const SchemaView view(schema_.document(), schema);
  for (const json* part : view.parts()) {
    if (const auto named = part->find("x-type"); named != part->end()) {
      add(with_article(value_type(named->get_ref<const std::string&>()).title));
      continue;
    }
    for (const auto* type : {"string", "boolean", "integer", "number", "object", "array"})
      if (has_type(*part, type)) add(type_words(type));
  }
  return join(words, " or ");
}

void TreeCheck::wrong_type(const Node& node, const json& schema, const Subject& subject) {
  const auto name = subject.name == root_name ? std::string(root_name) : in_quotes(subject.name);
  const bool unquoted = node.scalar() != nullptr && scalar_type(*node.scalar()) != ScalarType::text &&
                        has_type(schema, "string");
  report(node.at(), "Value has the wrong type",
         unquoted ? fmt::format("{} has to be {}; put {} in quotes if it is meant as a text", name,
                                expected(schema), printable(node.text()))
                  : fmt::format("{} has to be {}, not {}", name, expected(schema), found_words(node)));
}

/// Whether a value has the shape that a schema wants: map, list or scalar.
bool TreeCheck::fits(const Node& node, const json& part) const {
  const json& schema = schema_.resolved(part);
  if (!schema.is_object()) return true;
  const bool typed = schema.contains("type");
  if (node.map() != nullptr) return typed ? has_type(schema, "object") : !schema.contains("x-type");
  if (node.sequence() != nullptr)
    return typed ? has_type(schema, "array") : !schema.contains("x-type") || schema.at("x-type") == "set";
  return !typed || std::ranges::any_of(std::array{"string", "integer", "number", "boolean"},
                                       [&](const char* type) { return has_type(schema, type); });
}

void TreeCheck::value(const Node& node, const json& part, const Subject& subject) {
  const json& schema = schema_.resolved(part);
  if (!schema.is_object()) return;
  if (node.is_null() && partial_) return;
  if (node.is_null()) {
    report(node.at(), "Value is missing",
           fmt::format("{} is empty: that takes away what is inherited, and nothing is inherited here; write "
                       "a value, or "
                       "{{}} for an empty map",
                       in_quotes(subject.name)));
    return;
  }
  if (!fits(node, schema)) {
    wrong_type(node, schema, subject);
    return;
  }
  alternatives(node, schema, subject);
  plain_value(node, schema, subject);
  if (const auto all = schema.find("allOf"); all != schema.end())
    for (const auto& one : *all) value(node, one, subject);
}

void TreeCheck::plain_value(const Node& node, const json& schema, const Subject& subject) {
  if (node.map() != nullptr)
    map(node, schema, subject);
  else if (node.sequence() != nullptr)
    sequence(node, schema, subject);
  else
    scalar(node, schema, subject);
}

void TreeCheck::alternatives(const Node& node, const json& schema, const Subject& subject) {
  for (const auto* word : {"oneOf", "anyOf"}) {
    const auto all = schema.find(word);
    if (all == schema.end()) continue;
    if (std::ranges::all_of(*all, only_requires)) {
      if (node.map() != nullptr) one_of_keys(node, *all, subject);
      continue;
    }
    std::vector<const json*> fitting;
    for (const auto& one : *all)
      if (fits(node, one)) fitting.push_back(&one);
    if (fitting.empty())
      wrong_type(node, schema, subject);
    else
      best_alternative(node, fitting, subject);
  }
}

/// Nothing is wrong if one alternative takes the value; otherwise the problems of the one that has the
/// fewest.
void TreeCheck::best_alternative(const Node& node, const std::vector<const json*>& fitting,
                                 const Subject& subject) {
  std::optional<TreeCheck> best;
  for (const json* one : fitting) {
    TreeCheck trial(schema_, partial_types_);
    trial.partial_ = partial_;
    trial.path_ = path_;
    trial.value(node, *one, subject);
    if (trial.diagnostics_.empty()) return;
    if (!best || trial.diagnostics_.list().size() < best->diagnostics_.list().size())
      best.emplace(std::move(trial));
  }
  diagnostics_.append(std::move(best->diagnostics_));
  wrong_.merge(best->wrong_);
}

void TreeCheck::sequence(const Node& node, const json& schema, const Subject& subject) {
  const auto items = schema.find("items");
  const auto& list = *node.sequence();
  if (const auto least = schema.find("minItems");
      least != schema.end() && list.size() < least->get<std::size_t>())
    report(node.at(), "List is too short",
           fmt::format("{} needs at least {}", in_quotes(subject.name),
                       *least == 1 ? "one entry" : fmt::format("{} entries", least->get<std::size_t>())));
  if (items == schema.end()) return;
  for (std::size_t i = 0; i < list.size(); ++i) {
    path_.push_back(fmt::format("{}", i));
    value(list[i], *items, {.name = subject.name, .at = &list[i].at()});
    path_.pop_back();
  }
}

}  // namespace tidelock
