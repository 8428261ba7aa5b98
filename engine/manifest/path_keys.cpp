#include "engine/manifest/path_keys.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/schema_view.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

class PathKeys {
 public:
  PathKeys(Budget& budget, Diagnostics& diagnostics) : budget_(budget), diagnostics_(diagnostics) {}

  [[nodiscard]] Node normal(const Node& tree, const SchemaView& view);

 private:
  /// A path of the map that is being made, and the key that it came from.
  struct Origin {
    std::string written;
    Location at;
  };
  using Paths = std::unordered_map<std::string, Origin>;

  [[nodiscard]] Node normal_paths(const Node& map, const SchemaView& view);
  [[nodiscard]] std::vector<std::string> paths_of(const Node::Entry& entry);
  [[nodiscard]] bool fresh(const std::string& path, const Node::Entry& entry, Paths& paths);

  Budget& budget_;
  Diagnostics& diagnostics_;
};

/// The paths that a key stands for; the key itself where it is wrong, so that what is below is looked at all
/// the same.
std::vector<std::string> PathKeys::paths_of(const Node::Entry& entry) {
  auto words = expand_braces(entry.key);
  if (!words) {
    diagnostics_.error(entry.key_at, words.error().summary, words.error().detail);
    return {entry.key};
  }
  const auto& type = value_type("path");
  for (auto& word : *words) {
    auto value = type.parse({.text = word, .quoted = true});
    if (!value) {
      diagnostics_.error(entry.key_at, "Path is not valid", value.error());
      return {entry.key};
    }
    word = std::get<std::string>(*value);
  }
  return *std::move(words);
}

bool PathKeys::fresh(const std::string& path, const Node::Entry& entry, Paths& paths) {
  const auto [first, fresh] = paths.try_emplace(path, Origin{.written = entry.key, .at = entry.key_at});
  if (fresh) return true;
  const bool same = first->second.written == entry.key;
  diagnostics_.error(entry.key_at, "Path stands twice",
                     same ? fmt::format("{} comes out of {} twice", in_quotes(path), in_quotes(entry.key))
                          : fmt::format("{} comes out of {} and of {}", in_quotes(path),
                                        in_quotes(first->second.written), in_quotes(entry.key)),
                     same ? std::vector<Note>{} : std::vector<Note>{{first->second.at, "first here"}});
  return false;
}

Node PathKeys::normal_paths(const Node& map, const SchemaView& view) {
  Node::Map entries;
  entries.reserve(map.entries().size());
  Paths paths;
  for (const auto& entry : map.entries()) {
    const auto value = normal(entry.value, view.value(entry.key));
    auto words = paths_of(entry);
    if (words.size() > 1 && !budget_.spend((words.size() - 1) * weight(value))) break;
    for (auto& word : words)
      if (fresh(word, entry, paths)) entries.push_back({std::move(word), entry.key_at, value});
  }
  return {map.at(), std::move(entries)};
}

Node PathKeys::normal(const Node& tree, const SchemaView& view) {
  if (view.parts().empty() || budget_.exhausted()) return tree;
  if (tree.map() != nullptr) {
    if (view.text("x-keys") == "path") return normal_paths(tree, view);
    Node::Map entries;
    entries.reserve(tree.entries().size());
    for (const auto& entry : tree.entries())
      entries.push_back(
          {entry.key, entry.key_at,
           entry.value.scalar() != nullptr ? entry.value : normal(entry.value, view.value(entry.key))});
    return {tree.at(), std::move(entries)};
  }
  if (const auto* list = tree.sequence()) {
    const auto items = view.items();
    Node::Sequence result;
    result.reserve(list->size());
    for (const auto& item : *list) result.push_back(normal(item, items));
    return {tree.at(), std::move(result)};
  }
  return tree;
}

}  // namespace

Node with_path_keys(const Node& tree, const nlohmann::json& document, Budget& budget,
                    Diagnostics& diagnostics) {
  return PathKeys(budget, diagnostics).normal(tree, SchemaView(document, document));
}

}  // namespace tidelock
