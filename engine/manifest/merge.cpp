#include "engine/manifest/merge.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "engine/manifest/problems.hpp"

namespace tidelock {
namespace {

/// The entries of a map that is being made, found by key.
class MapInMaking {
 public:
  explicit MapInMaking(const Node& base) {
    entries_.reserve(base.entries().size());
    for (const auto& entry : base.entries()) add(entry);
  }

  [[nodiscard]] Node::Entry* find(const std::string& key) {
    const auto at = index_.find(key);
    return at == index_.end() ? nullptr : &entries_[at->second];
  }
  void add(Node::Entry entry) {
    index_.emplace(entry.key, entries_.size());
    entries_.push_back(std::move(entry));
  }
  void remove(const std::string& key) {
    const auto at = index_.find(key);
    removed_.insert(at->second);
    index_.erase(at);
  }
  [[nodiscard]] Node finish(Location at) && {
    Node::Map left;
    left.reserve(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (!removed_.contains(i)) left.push_back(std::move(entries_[i]));
    return {std::move(at), std::move(left)};
  }

 private:
  Node::Map entries_;
  std::unordered_map<std::string, std::size_t> index_;
  std::unordered_set<std::size_t> removed_;
};

/// What becomes of an empty value over something inherited.
enum class Removal : std::uint8_t { done, kept };

Node overlaid_with(const Node& base, const Node& own, Removal removal) {
  if (base.map() == nullptr || own.map() == nullptr) return own;
  MapInMaking map(base);
  for (const auto& entry : own.entries()) {
    Node::Entry* inherited = map.find(entry.key);
    if (inherited == nullptr)
      map.add(entry);
    else if (!entry.value.is_null())
      *inherited = {entry.key, entry.key_at, overlaid_with(inherited->value, entry.value, removal)};
    else if (removal == Removal::done)
      map.remove(entry.key);
    else
      *inherited = {entry.key, entry.key_at, Node(entry.value.at(), Node::Null{.removes = true})};
  }
  return std::move(map).finish(own.at());
}

/// Adds what another file says to the same map.
void unite_into(MapInMaking& map, const Node& part, bool top, Diagnostics& diagnostics);

Node united_pair(const Node& first, const Node& second, Diagnostics& diagnostics) {
  MapInMaking map(first);
  unite_into(map, second, false, diagnostics);
  return std::move(map).finish(first.at());
}

void unite_into(MapInMaking& map, const Node& part, bool top, Diagnostics& diagnostics) {
  for (const auto& entry : part.entries()) {
    if (top && (entry.key == "include" || entry.key == "extends")) continue;
    Node::Entry* known = map.find(entry.key);
    if (known == nullptr) {
      map.add(entry);
    } else if (known->value.map() != nullptr && entry.value.map() != nullptr) {
      known->value = united_pair(known->value, entry.value, diagnostics);
    } else if (!(top && entry.key == "tidelock" && known->value.text() == entry.value.text())) {
      diagnostics.error(
          entry.key_at, "Declared in two files",
          fmt::format("{} can stand in one file only: remove it here or there", in_quotes(entry.key)),
          {{known->key_at, "first here"}});
    }
  }
}

}  // namespace

Node united(std::span<const Node> parts, Diagnostics& diagnostics) {
  MapInMaking map(Node(parts.front().at(), Node::Map{}));
  for (const auto& part : parts) unite_into(map, part, true, diagnostics);
  return std::move(map).finish(parts.front().at());
}

Node overlaid(const Node& base, const Node& own) { return overlaid_with(base, own, Removal::done); }

Node overlaid_cluster(const Node& base, const Node& own) {
  MapInMaking map(base);
  for (const auto& entry : own.entries()) {
    Node::Entry* inherited = map.find(entry.key);
    if (inherited == nullptr) {
      map.add(entry);
    } else if (entry.value.is_null()) {
      map.remove(entry.key);
    } else {
      const auto removal = entry.key == "node_types" ? Removal::kept : Removal::done;
      *inherited = {
          entry.key, entry.key_at,
          entry.key == "nodes" ? entry.value : overlaid_with(inherited->value, entry.value, removal)};
    }
  }
  return std::move(map).finish(own.at());
}

Node without_removals(const Node& tree) {
  if (tree.map() == nullptr) return tree;
  Node::Map left;
  left.reserve(tree.entries().size());
  for (const auto& entry : tree.entries())
    if (const auto* null = entry.value.null(); null == nullptr || !null->removes)
      left.push_back({entry.key, entry.key_at, without_removals(entry.value)});
  return {tree.at(), std::move(left)};
}

}  // namespace tidelock
