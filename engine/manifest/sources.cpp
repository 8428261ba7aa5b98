#include "engine/manifest/sources.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/yaml.hpp"

namespace tidelock {
namespace {

namespace fs = std::filesystem;

/// Where a file is, and how messages call it.
struct FileName {
  fs::path path;
  std::string name;
};

/// One file that is being read, and who asked for it.
struct Link {
  fs::path identity;
  std::string name;
};

/// The path as it is where the working folder is gone; reading will say so.
fs::path absolute_path(const fs::path& path) {
  std::error_code error;
  auto absolute = fs::absolute(path, error);
  return error ? path : absolute;
}

fs::path identity_of(const fs::path& path) {
  std::error_code error;
  auto canonical = fs::weakly_canonical(path, error);
  return error ? absolute_path(path).lexically_normal() : canonical;
}

/// The name of a file beside another one, as the user would write it from where they stand.
FileName beside(const SourceFile& file, std::string_view text) {
  const fs::path written(text);
  const bool own = written.is_absolute() || text.starts_with('~');
  auto path = resolved_path(&file, text).lexically_normal();
  auto name = own ? path.native() : (fs::path(file.name).parent_path() / written).lexically_normal().native();
  return {.path = std::move(path), .name = std::move(name)};
}

/// Reads files into layers; the chain of links tells circles.
class SourceReader {
 public:
  SourceReader(Budget& budget, Diagnostics& diagnostics) : budget_(budget), diagnostics_(diagnostics) {}

  bool read_layers(FileName file);
  [[nodiscard]] Sources take() && {
    sources_.digest = std::move(digest_).hex();
    return std::move(sources_);
  }

 private:
  bool read_part(const FileName& file, const Location& asked_at);
  bool read_includes(const Node& root);
  [[nodiscard]] std::optional<Node> tree_of(const FileName& file, const Location& asked_at);
  [[nodiscard]] std::optional<Node> parsed(const FileName& file, const Location& asked_at);
  [[nodiscard]] bool circular(const Link& link, const Location& asked_at);
  [[nodiscard]] bool usable_path(const Node& node, std::string_view key);

  Budget& budget_;
  Diagnostics& diagnostics_;
  Sources sources_;
  Sha256 digest_;
  std::vector<Link> chain_;
  std::set<fs::path> in_layer_;
  struct Part {
    std::size_t layer = 0;
    std::size_t part = 0;
  };
  std::map<fs::path, Part> known_;  ///< where the tree of a file is that was read already
};

std::optional<Node> SourceReader::parsed(const FileName& file, const Location& asked_at) {
  auto text = read_file(file.path, max_manifest_bytes);
  if (!text) {
    diagnostics_.error(asked_at, text.error().summary, text.error().detail);
    return std::nullopt;
  }
  digest_.add(fmt::format("{}:", text->size())).add(*text);
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text->starts_with(byte_order_mark)) text->erase(0, byte_order_mark.size());
  auto source = std::make_shared<const SourceFile>(SourceFile{
      .name = file.name, .directory = absolute_path(file.path).parent_path(), .text = std::move(*text)});
  auto root = read_yaml(source, budget_, diagnostics_);
  if (!root || root->is_null() || root->map() != nullptr) return root;
  diagnostics_.error(root->at(), "Manifest is not a map",
                     "a manifest is a map of sections such as cluster, nodes and node_types");
  return std::nullopt;
}

std::optional<Node> SourceReader::tree_of(const FileName& file, const Location& asked_at) {
  const auto identity = identity_of(file.path);
  const auto& layers = sources_.layers;
  if (const auto known = known_.find(identity); known != known_.end())
    return layers[known->second.layer].parts[known->second.part];
  if (known_.size() >= max_manifest_files) {
    diagnostics_.error(asked_at, "Too many files",
                       fmt::format("a manifest has at most {} files", max_manifest_files));
    return std::nullopt;
  }
  auto tree = parsed(file, asked_at);
  if (tree) known_.emplace(identity, Part{layers.size() - 1, layers.back().parts.size()});
  return tree;
}

bool SourceReader::circular(const Link& link, const Location& asked_at) {
  const auto first = std::ranges::find(chain_, link.identity, &Link::identity);
  if (first == chain_.end() && chain_.size() < max_chain) return false;
  std::string way;
  for (auto step = first; step != chain_.end(); ++step) way += printable(step->name) + " → ";
  if (first == chain_.end())
    diagnostics_.error(asked_at, "Files lead too far",
                       fmt::format("more than {} files in one chain", max_chain));
  else
    diagnostics_.error(asked_at, "Files form a circle", way + printable(link.name));
  return true;
}

/// Whether this is a path to another manifest; says why not.
bool SourceReader::usable_path(const Node& node, std::string_view key) {
  const auto* scalar = node.scalar();
  if (scalar == nullptr || scalar->secret || scalar->text.empty()) {
    diagnostics_.error(node.at(), "Value has the wrong type",
                       fmt::format("\"{}\" names {}", key,
                                   key == "include" ? "a file, or a list of files" : "one cluster file"));
    return false;
  }
  if (!scalar->text.contains("${")) return true;
  diagnostics_.error(node.at(), "Variable is not possible here",
                     fmt::format("\"{}\" is read before there are variables", key));
  return false;
}

bool SourceReader::read_includes(const Node& root) {
  const Node* include = root.find("include");
  if (include == nullptr) return true;
  const auto* list = include->sequence();
  bool good = true;
  for (const auto& path : list == nullptr ? std::span(include, 1) : std::span<const Node>(*list)) {
    if (!usable_path(path, "include"))
      good = false;
    else
      good = read_part(beside(*path.at().file, path.text()), path.at()) && good;
  }
  return good;
}

bool SourceReader::read_part(const FileName& file, const Location& asked_at) {
  Link link{.identity = identity_of(file.path), .name = file.name};
  if (circular(link, asked_at)) return false;
  if (!in_layer_.insert(link.identity).second) return true;  // two files include it: once is enough
  auto tree = tree_of(file, asked_at);
  if (!tree) return false;
  chain_.push_back(std::move(link));
  const bool first = sources_.layers.back().parts.empty();
  if (first && tree->is_null())
    diagnostics_.error(tree->at(), "Manifest is empty",
                       "nothing but comments and blank lines is in this file");
  const Node* extends = first ? nullptr : tree->find("extends");
  sources_.layers.back().parts.push_back(*tree);
  if (extends != nullptr)
    diagnostics_.error(
        extends->at(), "Included file cannot extend",
        "\"extends\" at the top makes a cluster out of another cluster: only the manifest itself, and "
        "the cluster file it extends, can say that");
  const bool good = read_includes(*tree) && extends == nullptr && !(first && tree->is_null());
  chain_.pop_back();
  return good;
}

/// The manifest, then the cluster file it extends, and so on: each is a layer.
bool SourceReader::read_layers(FileName file) {
  std::vector<Link> clusters;
  Location asked_at;
  bool good = true;
  for (;;) {
    chain_ = clusters;
    in_layer_.clear();
    sources_.layers.emplace_back();
    good = read_part(file, asked_at) && good;
    if (sources_.layers.back().parts.empty()) return false;
    clusters.push_back({.identity = identity_of(file.path), .name = file.name});
    const Node* extends = sources_.layers.back().parts.front().find("extends");
    if (extends == nullptr) return good;
    if (!usable_path(*extends, "extends")) return false;
    asked_at = extends->at();
    file = beside(*asked_at.file, extends->text());
  }
}

}  // namespace

fs::path resolved_path(const SourceFile* file, std::string_view text) {
  const char* home = std::getenv("HOME");
  fs::path path(text);
  if (home != nullptr && text == "~") path = home;
  if (home != nullptr && text.starts_with("~/")) path = fs::path(home) / text.substr(2);
  if (path.is_relative() && file != nullptr) path = file->directory / path;
  return path.lexically_normal();
}

std::optional<Sources> read_sources(const fs::path& path, Budget& budget, Diagnostics& diagnostics) {
  SourceReader reader(budget, diagnostics);
  const bool good = reader.read_layers({.path = path, .name = path.lexically_normal().native()});
  return good ? std::optional(std::move(reader).take()) : std::nullopt;
}

}  // namespace tidelock
