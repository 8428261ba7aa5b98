#include "engine/manifest/manifest.hpp"

#include <algorithm>
#include <ranges>
#include <set>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "engine/manifest/budget.hpp"
#include "engine/manifest/inventory.hpp"
#include "engine/manifest/merge.hpp"
#include "engine/manifest/node_types.hpp"
#include "engine/manifest/path_keys.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/settings.hpp"
#include "engine/manifest/sources.hpp"
#include "engine/manifest/variables.hpp"

namespace tidelock {
namespace {

/// Variables put in and path keys made normal, file by file, so that what belongs together meets in the
/// merging.
Node merged_tree(const Sources& sources, const Schema& schema, Budget& budget, Problems& problems) {
  Diagnostics of_variables;
  Diagnostics of_paths;
  Diagnostics of_merging;
  Variables variables(sources.layers, budget, of_variables);
  std::optional<Node> tree;
  for (const auto& layer : sources.layers | std::views::reverse) {
    std::vector<Node> parts;
    parts.reserve(layer.parts.size());
    for (const auto& part : layer.parts)
      parts.push_back(with_path_keys(variables.put_into(part), schema.document(), budget, of_paths));
    auto cluster = united(parts, of_merging);
    tree = tree ? overlaid_cluster(*tree, cluster) : std::move(cluster);
  }
  problems.add(of_variables);
  for (const auto& at : variables.unusable()) problems.blame(at);
  problems.add(of_paths);
  problems.add(of_merging);
  return *std::move(tree);
}

Node with_node_types(const Node& root, const Node& node_types) {
  Node::Map entries(root.entries().begin(), root.entries().end());
  for (auto& entry : entries)
    if (entry.key == "node_types") entry.value = node_types;
  return {root.at(), std::move(entries)};
}

/// Node types in which nothing is missing: those that only others build on, and those whose bases were not
/// found.
std::set<std::string> partial_types(const Node& root, const ResolvedTypes& types) {
  auto partial = types.extended;
  if (const Node* nodes = root.find("nodes"))
    for (const auto& entry : nodes->entries())
      if (const Node* type = entry.value.find("type")) partial.erase(std::string(type->text()));
  partial.insert(types.incomplete.begin(), types.incomplete.end());
  return partial;
}

std::vector<Section> sections_of(const Node& root, const Schema& schema,
                                 const std::vector<ClusterNode>& nodes) {
  std::unordered_map<std::string_view, std::vector<std::string>> hosts;
  for (const auto& node : nodes) hosts[node.type].push_back(node.name);
  std::vector<Section> sections;
  if (const Node* types = root.find("node_types"))
    for (const auto& type : types->entries())
      for (const auto& section : type.value.entries())
        if (const auto members = hosts.find(type.key);
            members != hosts.end() && schema.is_node_type_section(section.key))
          sections.push_back(
              {.name = section.key, .body = section.value, .hosts = members->second, .node_type = type.key});
  for (const auto& section : root.entries())
    if (schema.is_cluster_section(section.key))
      sections.push_back({.name = section.key, .body = section.value, .hosts = {}, .node_type = {}});
  return sections;
}

Manifest manifest_of(const Node& root, const Schema& schema, ResolvedTypes types, Inventory inventory) {
  Manifest manifest;
  if (const Node* cluster = root.find("cluster")) manifest.cluster = cluster->text();
  manifest.connection = connection_settings(root);
  manifest.transfers = transfer_settings(root);
  manifest.policy = policy_settings(root);
  manifest.sections = sections_of(root, schema, inventory.nodes);
  manifest.filesystems = std::move(inventory.filesystems);
  manifest.lock_host = std::move(inventory.lock_host);
  manifest.nodes = std::move(inventory.nodes);
  manifest.node_types = std::move(types.types);
  return manifest;
}

bool is_wrong(const Node& node, const Problems& problems) {
  if (problems.is_blamed(node.at())) return true;
  if (const auto* items = node.sequence())
    return std::ranges::any_of(*items, [&](const Node& item) { return is_wrong(item, problems); });
  return std::ranges::any_of(node.entries(), [&](const Node::Entry& entry) {
    return problems.is_blamed(entry.key_at) || is_wrong(entry.value, problems);
  });
}

/// Keeps the resources of each section in which nothing is wrong as far as is known.
void leave_out_wrong(std::vector<Section>& sections, const Problems& problems) {
  std::erase_if(sections, [&](const Section& section) {
    return section.body.map() == nullptr || problems.is_blamed(section.body.at());
  });
  for (auto& section : sections) {
    Node::Map sound;
    for (const auto& entry : section.body.entries())
      if (!problems.is_blamed(entry.key_at) && !is_wrong(entry.value, problems)) sound.push_back(entry);
    section.body = Node(section.body.at(), std::move(sound));
  }
}

std::optional<Manifest> load(const std::filesystem::path& path, const Schema& schema, Problems& problems,
                             Budget& budget) {
  Diagnostics of_files;
  const auto sources = read_sources(path, budget, of_files);
  problems.add(of_files);
  if (!sources) return std::nullopt;
  const auto written = merged_tree(*sources, schema, budget, problems);

  Diagnostics of_types;
  const Node none(written.at(), Node::Map{});
  const Node* node_types = written.find("node_types");
  auto types = resolve_node_types(node_types == nullptr ? none : *node_types, budget, of_types);
  problems.add(of_types);
  if (budget.exhausted()) return std::nullopt;

  const auto root = with_node_types(written, types.tree);
  problems.add(schema.check(root, partial_types(root, types)));
  Diagnostics of_nodes;
  auto inventory = read_inventory(root, types.types, of_nodes);
  problems.add(of_nodes);
  Diagnostics of_names;
  auto moved = renamings(root, of_names);
  problems.add(of_names);
  auto manifest = manifest_of(root, schema, std::move(types), std::move(inventory));
  manifest.moved = std::move(moved);
  manifest.partial = problems.has_errors();
  if (manifest.partial) leave_out_wrong(manifest.sections, problems);
  manifest.path = path;
  manifest.digest = sources->digest;
  return manifest;
}

}  // namespace

const ClusterNode* Manifest::find_node(std::string_view name) const {
  const auto found = std::ranges::find(nodes, name, &ClusterNode::name);
  return found == nodes.end() ? nullptr : &*found;
}

std::filesystem::path manifest_path(const std::filesystem::path& argument) {
  std::error_code ignored;
  return std::filesystem::is_directory(argument, ignored) ? argument / "cluster.yaml" : argument;
}

std::optional<Manifest> load_manifest(const std::filesystem::path& path, const Schema& schema,
                                      Diagnostics& diagnostics) {
  auto manifest = load_sound_part(path, schema, diagnostics);
  if (manifest && manifest->partial) manifest.reset();
  return manifest;
}

std::optional<Manifest> load_sound_part(const std::filesystem::path& path, const Schema& schema,
                                        Diagnostics& diagnostics) {
  Problems problems;
  Budget budget;
  auto manifest = load(path, schema, problems, budget);
  auto found = std::move(problems).take();
  if (budget.exhausted())
    found.error(
        {}, "Manifest is too large",
        fmt::format("{}: more than {} values after aliases, braces, variables and \"extends\" are expanded",
                    path.native(), max_manifest_nodes));
  if (budget.exhausted()) manifest.reset();
  diagnostics.append(std::move(found));
  return manifest;
}

}  // namespace tidelock
