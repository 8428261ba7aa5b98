#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/conformance.hpp"
#include "engine/manifest/node.hpp"
#include "engine/manifest/schema.hpp"

namespace tidelock {

/// Compares a tree with the schema and says what is wrong in words of ours. It knows the parts of JSON Schema
/// that our schemas use often; the validator knows all, and what it finds beyond this is `unexplained`.
class TreeCheck {
 public:
  TreeCheck(const Schema& schema, const std::set<std::string>& partial)
      : schema_(schema), partial_types_(partial) {}

  void root(const Node& root);
  /// A part that the validator refuses and this check took for good.
  void unexplained(const Node& root, const TreePath& path);

  /// Whether something wrong was found at this part of the tree, in it or around it.
  [[nodiscard]] bool explains(const TreePath& path) const;
  [[nodiscard]] Diagnostics take() && { return std::move(diagnostics_); }

 private:
  using json = nlohmann::json;
  /// What messages call a value: its key, and where that stands.
  struct Subject {
    std::string_view name;
    const Location* at;
  };

  void value(const Node& node, const json& part, const Subject& subject);
  void plain_value(const Node& node, const json& schema, const Subject& subject);
  void alternatives(const Node& node, const json& schema, const Subject& subject);
  void best_alternative(const Node& node, const std::vector<const json*>& fitting, const Subject& subject);
  void one_of_keys(const Node& map, const json& alternatives, const Subject& subject);

  void map(const Node& node, const json& schema, const Subject& subject);
  void entry(const Node::Entry& entry, const json& schema);
  void key(const Node::Entry& entry, const json& schema);
  void unknown_key(const Node::Entry& entry, const json& schema);
  void required_keys(const Node& node, const json& schema, const Subject& subject);
  void sequence(const Node& node, const json& schema, const Subject& subject);

  void scalar(const Node& node, const json& schema, const Subject& subject);
  void typed_scalar(const Node& node, std::string_view name, const json& schema, const Subject& subject);
  void limits(const Node& node, const json& schema, const Subject& subject);
  void choice(const Node& node, const json& schema, const Subject& subject);

  /// Whether a map has an unknown key that was probably meant to be this one: then it is not missing, too.
  [[nodiscard]] static bool is_misspelt(const Node& map, const json& schema, const std::string& key);
  [[nodiscard]] bool fits(const Node& node, const json& part) const;
  [[nodiscard]] std::string expected(const json& schema) const;
  void wrong_type(const Node& node, const json& schema, const Subject& subject);
  void report(const Location& at, std::string summary, std::string detail, std::vector<Note> notes = {});
  void report_no_nodes(const Location& at, std::string summary, std::string detail);

  const Schema& schema_;
  const std::set<std::string>& partial_types_;
  bool partial_ = false;  ///< the walk is in a node type where nothing is missing
  TreePath path_;
  std::set<TreePath> wrong_;  ///< where something was found
  Diagnostics diagnostics_;
};

}  // namespace tidelock
