#include "providers/files/tree_expand.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/common/keys.hpp"
#include "providers/common/releases.hpp"
#include "providers/files/recall.hpp"
#include "providers/files/tree_source.hpp"

namespace tidelock::files {
namespace {

namespace fs = std::filesystem;

class TreeExpander {
 public:
  TreeExpander(const Section& section, SourceDigests& digests, Diagnostics& diagnostics)
      : section_(section), digests_(digests), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    for (const auto& entry : section_.body.entries()) add(entry);
    return std::move(placements_);
  }

 private:
  void add(const Node::Entry& entry) {
    if (entry.key == "/")
      return diagnostics_.error(entry.key_at, "Path is not valid", "a tree cannot take the place of /");
    auto tree = source(entry);
    if (tree == nullptr) return;
    if (const auto* keep = entry.value.find("keep")) {
      const auto text = keep->text();
      std::from_chars(text.data(), text.data() + text.size(), tree->keep);
    }
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = "tree";
    declaration->name = entry.key;
    declaration->path = entry.key;
    declaration->at = entry.key_at;
    declaration->asked_by = {fmt::format("node type {}", section_.node_type)};
    declaration->attributes = {{"directory_mode", read(entry, "directory_mode", "mode", "0755")},
                               {"file_mode", file_mode(entry)},
                               {"group", read(entry, "group", "account", "root")},
                               {"owner", read(entry, "owner", "account", "root")},
                               {"sha256", tree->sha256}};
    declaration->after = accounts_of(declaration->attributes);
    declaration->protect = is_true(entry.value.find("protect"));
    declaration->detect_only = is_true(entry.value.find("detect_only"));
    declaration->payload = std::move(tree);
    placements_.push_back({std::move(declaration), section_.hosts});
  }

  static std::string read(const Node::Entry& entry, std::string_view name, std::string_view type,
                          std::string_view otherwise) {
    const auto* node = entry.value.find(name);
    if (node == nullptr || node->scalar() == nullptr) return std::string(otherwise);
    const auto value = value_type(type).parse({node->text(), node->scalar()->quoted});
    const auto* text = value ? std::get_if<std::string>(&*value) : nullptr;
    return text == nullptr ? std::string(otherwise) : *text;
  }

  /// Its owner can read every file, and whether files can be run is up to them.
  std::string file_mode(const Node::Entry& entry) {
    auto mode = read(entry, "file_mode", "mode", "0644");
    constexpr unsigned octal = 8;
    constexpr unsigned owner_reads = 0400;
    constexpr unsigned no_x = 0666;
    unsigned bits = 0;
    std::from_chars(mode.data(), mode.data() + mode.size(), bits, octal);
    if ((bits & ~no_x) != 0 || (bits & owner_reads) == 0)
      diagnostics_.error(
          entry.value.find("file_mode")->at(), "Mode is not for files of a tree",
          fmt::format("{} must let the owner read and nobody execute: files that can be run in "
                      "the folder may be run by whoever may read them",
                      mode));
    return mode;
  }

  std::shared_ptr<Tree> source(const Node::Entry& entry) {
    const auto& from = *entry.value.find("from");
    const auto folder = local_path(from);
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
      diagnostics_.error(from.at(), "Source of tree is no folder",
                         fmt::format("{} {}", shown(folder.native()),
                                     fs::exists(folder, error) ? "is something else" : "does not exist"));
      return nullptr;
    }
    const auto* exclude = entry.value.find("exclude");
    auto [tree, problems] =
        read_tree(folder, exclude == nullptr ? std::vector<std::string>{} : exclude->texts(), digests_);
    if (!problems.empty()) {
      report(from, std::move(problems));
      return nullptr;
    }
    if (tree->entries.empty() && !is_true(entry.value.find("allow_empty"))) {
      diagnostics_.refuse(
          from.at(), "Source of tree is empty",
          fmt::format("there is nothing to send in {}; is it built, or mounted? `allow_empty: "
                      "true` allows it",
                      shown(folder.native())));
      return nullptr;
    }
    return tree;
  }

  void report(const Node& from, std::vector<std::string> problems) {
    constexpr std::size_t enough = 10;
    std::ranges::sort(problems);
    const auto more = problems.size() > enough ? fmt::format("\nand {} more", problems.size() - enough) : "";
    problems.resize(std::min(problems.size(), enough));
    diagnostics_.error(from.at(), "Folder cannot be sent as a tree", join(problems, "\n") + more);
  }

  const Section& section_;
  SourceDigests& digests_;
  Diagnostics& diagnostics_;
  std::vector<Placement> placements_;
};

bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::vector<Placement> expand_trees(const Section& section, SourceDigests& digests,
                                    Diagnostics& diagnostics) {
  return TreeExpander(section, digests, diagnostics).expand();
}

void check_trees(const Graph& graph, Diagnostics& diagnostics) {
  std::set<std::pair<const Declaration*, const Declaration*>> seen;
  std::set<const Blueprint*> checked;
  for (const auto& host : graph.hosts) {
    if (!checked.insert(host.blueprint.get()).second) continue;
    for (const auto& item : host.blueprint->items) {
      const auto& tree = *item.declaration;
      if (tree.kind != "tree") continue;
      for (const auto& other : host.blueprint->items)
        if (other.declaration->path && !other.declaration->implied &&
            lies_in(*other.declaration->path, releases_of(tree.name)) &&
            seen.emplace(&tree, other.declaration.get()).second)
          diagnostics.error(
              other.declaration->at, "Two resources at one path",
              fmt::format("{} belongs to tree {}", shown(releases_of(tree.name)), shown(tree.name)),
              {{tree.at, "the tree is here"}});
    }
  }
}

}  // namespace tidelock::files
