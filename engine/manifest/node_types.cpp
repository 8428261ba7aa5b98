#include "engine/manifest/node_types.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/merge.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/sources.hpp"

namespace tidelock {
namespace {

/// Merges each type with what it extends, bases first.
class TypeResolver {
 public:
  TypeResolver(const Node& written, Budget& budget, Diagnostics& diagnostics);

  [[nodiscard]] ResolvedTypes all();

 private:
  struct Resolved {
    Node body;
    std::vector<std::string> lineage;
    bool whole = true;  ///< everything that it extends was found
  };

  const Resolved* resolve(const Node::Entry& type);
  const Resolved* base(const Node& name);
  [[nodiscard]] bool closes_circle(const Node& name);

  const Node& written_;
  std::unordered_map<std::string_view, const Node::Entry*> index_;
  std::vector<std::string> names_;
  Budget& budget_;
  Diagnostics& diagnostics_;
  std::map<std::string, Resolved> done_;
  std::vector<std::string> chain_;
  std::set<std::string> extended_;
  bool too_far_said_ = false;  ///< one long chain is too long at many places: once is enough
};

/// The names under `extends`: one, or a list of them. What is neither is left to the check.
std::span<const Node> names_in(const Node* extends) {
  if (extends == nullptr) return {};
  if (extends->scalar() != nullptr) return {extends, 1};
  const auto* list = extends->sequence();
  return list == nullptr ? std::span<const Node>{} : std::span<const Node>(*list);
}

Node without_extends(const Node& body) {
  Node::Map left;
  left.reserve(body.entries().size());
  std::ranges::copy_if(body.entries(), std::back_inserter(left),
                       [](const Node::Entry& entry) { return entry.key != "extends"; });
  return {body.at(), std::move(left)};
}

/// The merged body with the type's own `extends` in front, so that the check sees it, too.
Node with_extends(const Node& body, const Node& written) {
  Node::Map entries;
  for (const auto& entry : written.entries())
    if (entry.key == "extends") entries.push_back(entry);
  std::ranges::copy(body.entries(), std::back_inserter(entries));
  return {body.at(), std::move(entries)};
}

bool was_removed(const Node& type) { return type.null() != nullptr && type.null()->removes; }

TypeResolver::TypeResolver(const Node& written, Budget& budget, Diagnostics& diagnostics)
    : written_(written), budget_(budget), diagnostics_(diagnostics) {
  for (const auto& entry : written.entries()) {
    if (was_removed(entry.value)) continue;
    index_.emplace(entry.key, &entry);
    names_.push_back(entry.key);
  }
}

bool TypeResolver::closes_circle(const Node& name) {
  const auto first = std::ranges::find(chain_, name.text());
  if (first != chain_.end()) {
    const auto way = join(std::vector<std::string>(first, chain_.end()), " → ");
    diagnostics_.error(name.at(), "Node types form a circle",
                       printable(fmt::format("{} → {}", way, name.text())));
    return true;
  }
  if (chain_.size() < max_chain) return false;
  if (!std::exchange(too_far_said_, true))
    diagnostics_.error(name.at(), "Node types lead too far",
                       fmt::format("more than {} of them in one chain", max_chain));
  return true;
}

const TypeResolver::Resolved* TypeResolver::base(const Node& name) {
  if (name.scalar() == nullptr || closes_circle(name)) return nullptr;
  extended_.emplace(name.text());
  if (const auto type = index_.find(name.text()); type != index_.end()) return resolve(*type->second);
  diagnostics_.error(name.at(), "Unknown node type",
                     with_suggestion(name.text(), "is not under \"node_types\"", names_, "there are"));
  return nullptr;
}

const TypeResolver::Resolved* TypeResolver::resolve(const Node::Entry& type) {
  if (const auto known = done_.find(type.key); known != done_.end()) return &known->second;
  chain_.push_back(type.key);
  Resolved resolved{.body = Node(type.value.at(), Node::Map{}), .lineage = {}};
  std::vector<std::vector<std::string>> lineages;
  for (const auto& name : names_in(type.value.find("extends"))) {
    const auto* inherited = base(name);
    resolved.whole = resolved.whole && inherited != nullptr && inherited->whole;
    if (inherited == nullptr) continue;
    resolved.body = overlaid(resolved.body, inherited->body);
    lineages.push_back(inherited->lineage);
  }
  chain_.pop_back();
  const bool is_map = type.value.map() != nullptr;
  resolved.whole = resolved.whole && is_map;
  resolved.body =
      is_map ? without_removals(overlaid(resolved.body, without_extends(type.value))) : type.value;
  if (!budget_.spend(weight(resolved.body))) return nullptr;
  resolved.lineage.push_back(type.key);
  for (const auto& name : lineages | std::views::reverse | std::views::join)
    if (std::ranges::find(resolved.lineage, name) == resolved.lineage.end()) resolved.lineage.push_back(name);
  return &done_.emplace(type.key, std::move(resolved)).first->second;
}

ResolvedTypes TypeResolver::all() {
  ResolvedTypes result{.tree = written_, .types = {}, .incomplete = {}, .extended = {}};
  if (written_.map() == nullptr) return result;
  Node::Map entries;
  for (const auto& entry : written_.entries()) {
    if (was_removed(entry.value)) continue;
    const auto* resolved = resolve(entry);
    if (resolved == nullptr) break;
    const bool is_map = entry.value.map() != nullptr;
    entries.push_back(
        {entry.key, entry.key_at, is_map ? with_extends(resolved->body, entry.value) : entry.value});
    result.types.emplace(entry.key,
                         NodeType{.name = entry.key, .at = entry.key_at, .lineage = resolved->lineage});
    if (!resolved->whole) result.incomplete.insert(entry.key);
  }
  result.extended = std::move(extended_);
  result.tree = Node(written_.at(), std::move(entries));
  return result;
}

}  // namespace

ResolvedTypes resolve_node_types(const Node& written, Budget& budget, Diagnostics& diagnostics) {
  return TypeResolver(written, budget, diagnostics).all();
}

}  // namespace tidelock
