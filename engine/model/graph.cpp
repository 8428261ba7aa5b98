#include "engine/model/graph.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"

namespace tidelock {
namespace {

using Declarations = std::vector<DeclarationPtr>;

std::string parent_of(std::string_view path) {
  const auto slash = path.find_last_of('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

bool lies_below(std::string_view path, std::string_view folder) {
  if (folder == "/" || path == folder) return true;
  return path.starts_with(folder) && path[folder.size()] == '/';
}

/// A missing parent is made as any installer would make it; one that is there stays as it is.
DeclarationPtr implied_directory(const std::string& path, const Declaration& child) {
  auto parent = std::make_shared<Declaration>();
  parent->kind = "directory";
  parent->name = path;
  parent->path = path;
  parent->attributes = {{"owner", "root"}, {"group", "root"}, {"mode", "0755"}};
  parent->ignore = {"owner", "group", "mode"};
  parent->implied = true;
  parent->at = child.at;
  parent->asked_by = {fmt::format("a parent of {} {}", child.kind, shown(child.name))};
  return parent;
}

/// The declaration with the attribute `inputs`: the digest of what these are declared to be. Where one of
/// them holds a secret, so does the digest: it would let people try their guesses.
DeclarationPtr with_inputs(const Declaration& declaration, const std::vector<const Declaration*>& inputs) {
  std::string all;
  bool secret = false;
  for (const auto* input : inputs) {
    all += dump(nlohmann::json{input->kind, input->name});
    for (const auto& [name, value] : input->attributes) {
      const auto* hidden = std::get_if<Hidden>(&value);
      secret = secret || hidden != nullptr;
      all += dump(nlohmann::json{name, hidden == nullptr ? to_json(value) : nlohmann::json(hidden->sha256)});
    }
  }
  auto copy = std::make_shared<Declaration>(declaration);
  auto digest = sha256_hex(all);
  copy->attributes.set("inputs", secret ? Value(Hidden{std::move(digest)}) : Value("sha256:" + digest));
  return copy;
}

/// Reports each clash of two declarations once, however many hosts share it.
class Clashes {
 public:
  explicit Clashes(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void report(const Declaration& first, const Declaration& second, std::string summary, std::string detail) {
    if (!seen_.emplace(&first, &second).second) return;
    diagnostics_.error(second.at, std::move(summary), std::move(detail),
                       {{first.at, "the other one is here"}});
  }

  /// Resources may have been left out: nothing is said about what is missing.
  void expect_gaps(bool gaps) { gaps_ = gaps; }

  void report_missing(const Declaration& declaration, std::string summary, std::string detail) {
    if (!gaps_ && seen_.emplace(&declaration, nullptr).second)
      diagnostics_.error(declaration.at, std::move(summary), std::move(detail));
  }

 private:
  Diagnostics& diagnostics_;
  std::set<std::pair<const Declaration*, const Declaration*>> seen_;
  bool gaps_ = false;
};

/// Puts the declarations of one host in order.
class BlueprintBuilder {
 public:
  BlueprintBuilder(const Declarations& declarations, Clashes& clashes) : clashes_(clashes) {
    for (const auto& declaration : declarations) index(declaration);
    for (const auto& declaration : declarations) (void)place(declaration);
  }

  [[nodiscard]] Blueprint take() && { return std::move(blueprint_); }

 private:
  void index(const DeclarationPtr& declaration) {
    const auto [same, fresh] = by_address_.try_emplace({declaration->kind, declaration->name}, declaration);
    if (!fresh) {
      clashes_.report(*same->second, *declaration, "Two resources with one address",
                      fmt::format("{} {} is declared twice for the same host", declaration->kind,
                                  shown(declaration->name)));
      return;
    }
    if (!declaration->path) return;
    const auto [other, alone] = by_path_.try_emplace(*declaration->path, declaration);
    if (!alone)
      clashes_.report(*other->second, *declaration, "Two resources at one path",
                      fmt::format("{} cannot be both {} and {}", shown(*declaration->path),
                                  other->second->kind, declaration->kind));
  }

  std::uint32_t place(const DeclarationPtr& declaration) {
    const std::pair<std::string_view, std::string_view> key{declaration->kind, declaration->name};
    if (const auto done = placed_.find(key); done != placed_.end()) return done->second;
    placed_.emplace(key, being_placed);
    Blueprint::Item item{declaration, {}};
    if (declaration->path && *declaration->path != "/") {
      const auto parent = parent_of(*declaration->path);
      if (parent != "/") item.needs.push_back(place_parent(parent, *declaration));
    }
    for (const auto& before : declaration->after)
      if (const auto known = by_address_.find({before.kind, before.name}); known != by_address_.end())
        need(item, known->second);
    place_inputs(item);
    const auto position = static_cast<std::uint32_t>(blueprint_.items.size());
    blueprint_.items.push_back(std::move(item));
    placed_[key] = position;
    return position;
  }

  void need(Blueprint::Item& item, const DeclarationPtr& other) {
    const auto position = place(other);
    if (position == being_placed)
      clashes_.report(*other, *item.declaration, "Resources need each other",
                      fmt::format("{} {} needs {} {}, which needs it", item.declaration->kind,
                                  shown(item.declaration->name), other->kind, shown(other->name)));
    else
      item.needs.push_back(position);
  }

  void place_inputs(Blueprint::Item& item) {
    if (item.declaration->inputs.empty()) return;
    std::vector<const Declaration*> inputs;
    for (const auto& key : item.declaration->inputs) {
      const auto input = by_address_.find({key.kind, key.name});
      if (input == by_address_.end()) {
        clashes_.report_missing(
            *item.declaration, "Input is not declared",
            fmt::format("{} {} is not declared for the same host as {} {}", key.kind, shown(key.name),
                        item.declaration->kind, shown(item.declaration->name)));
        continue;
      }
      need(item, input->second);
      inputs.push_back(input->second.get());
    }
    item.declaration = with_inputs(*item.declaration, inputs);
  }

  std::uint32_t place_parent(const std::string& path, const Declaration& child) {
    auto& parent = by_path_[path];
    if (parent == nullptr) parent = implied_directory(path, child);
    if (parent->kind != "directory")
      clashes_.report(*parent, child, "Parent is not a directory",
                      fmt::format("the {} {} cannot hold {}", parent->kind, shown(path), shown(child.name)));
    return place(parent);
  }

  Clashes& clashes_;
  Blueprint blueprint_;
  std::map<std::pair<std::string_view, std::string_view>, DeclarationPtr> by_address_;
  std::map<std::string, DeclarationPtr> by_path_;
  static constexpr std::uint32_t being_placed = std::numeric_limits<std::uint32_t>::max();
  std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> placed_;
};

class GraphBuilder {
 public:
  GraphBuilder(const ExpandContext& context, const Registry& registry, Diagnostics& diagnostics)
      : context_(context),
        manifest_(context.manifest),
        registry_(registry),
        diagnostics_(diagnostics),
        clashes_(diagnostics) {
    graph_.manifest = &manifest_;
  }

  Graph build() && {
    for (const auto& section : manifest_.sections) expand(section);
    add_writers_of_shared();
    clashes_.expect_gaps(manifest_.partial);
    for (const auto& node : manifest_.nodes)
      graph_.hosts.push_back({&node, blueprint(declared_[node.name]), &manifest_.moved});
    if (!diagnostics_.has_errors())
      for (const auto& provider : registry_.all()) provider->check(graph_, diagnostics_);
    return std::move(graph_);
  }

 private:
  void expand(const Section& section) {
    for (const auto& provider : registry_.all()) {
      const auto fragment = provider->schema();
      const auto& known = section.node_type.empty() ? fragment.cluster : fragment.node_type;
      if (!known.contains(section.name)) continue;
      for (const auto& placement : provider->expand(section, context_, diagnostics_))
        for (const auto& host : placement.hosts) declared_[host].push_back(placement.declaration);
    }
  }

  /// What lies on a shared file system is written on `apply_on`, also when only other nodes declare it.
  void add_writers_of_shared() {
    std::map<std::string, Declarations> added;
    for (const auto& node : manifest_.nodes)
      for (const auto& declaration : declared_[node.name])
        if (const auto* writer = writer_lacking(*declaration)) added[*writer].push_back(declaration);
    for (auto& [host, declarations] : added) {
      std::set<std::pair<std::string_view, std::string_view>> once;
      for (const auto& declaration : declarations)
        if (once.emplace(declaration->kind, declaration->name).second) declared_[host].push_back(declaration);
    }
  }

  const std::string* writer_lacking(const Declaration& declaration) {
    const auto* filesystem = declaration.path ? graph_.shared(*declaration.path) : nullptr;
    if (filesystem == nullptr) return nullptr;
    const bool has = std::ranges::any_of(declared_[filesystem->apply_on], [&](const DeclarationPtr& other) {
      return other->kind == declaration.kind && other->name == declaration.name;
    });
    return has ? nullptr : &filesystem->apply_on;
  }

  std::shared_ptr<const Blueprint> blueprint(const Declarations& declarations) {
    auto& known = blueprints_[declarations];
    if (known == nullptr)
      known = std::make_shared<const Blueprint>(BlueprintBuilder(declarations, clashes_).take());
    return known;
  }

  const ExpandContext& context_;
  const Manifest& manifest_;
  const Registry& registry_;
  Diagnostics& diagnostics_;
  Clashes clashes_;
  Graph graph_;
  std::map<std::string, Declarations, std::less<>> declared_;
  std::map<Declarations, std::shared_ptr<const Blueprint>> blueprints_;
};

}  // namespace

const Blueprint::Item* Blueprint::find(std::string_view kind, std::string_view name) const {
  const auto item = std::ranges::find_if(
      items, [&](const Item& i) { return i.declaration->kind == kind && i.declaration->name == name; });
  return item == items.end() ? nullptr : &*item;
}

const GraphHost* Graph::find(std::string_view host) const {
  const auto found = std::ranges::find_if(hosts, [&](const GraphHost& h) { return h.node->name == host; });
  return found == hosts.end() ? nullptr : &*found;
}

const SharedFilesystem* Graph::shared(std::string_view path) const {
  const SharedFilesystem* nearest = nullptr;
  for (const auto& filesystem : manifest->filesystems)
    if (lies_below(path, filesystem.path) &&
        (nearest == nullptr || filesystem.path.size() > nearest->path.size()))
      nearest = &filesystem;
  return nearest;
}

bool Graph::writes(std::string_view host, const Declaration& declaration) const {
  const auto* filesystem = declaration.path ? shared(*declaration.path) : nullptr;
  return filesystem == nullptr || filesystem->apply_on == host;
}

std::size_t Graph::resources() const {
  std::size_t sum = 0;
  for (const auto& host : hosts)
    sum += static_cast<std::size_t>(std::ranges::count_if(
        host.blueprint->items, [](const auto& item) { return !item.declaration->implied; }));
  return sum;
}

Graph build_graph(const ExpandContext& context, const Registry& registry, Diagnostics& diagnostics) {
  return GraphBuilder(context, registry, diagnostics).build();
}

}  // namespace tidelock
