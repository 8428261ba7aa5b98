#include "providers/files/provider.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "providers/common/releases.hpp"
#include "providers/files/expand.hpp"
#include "providers/files/probing.hpp"
#include "providers/files/recall.hpp"
#include "providers/files/schema.json.hpp"
#include "providers/files/stepping.hpp"
#include "providers/files/tree.hpp"
#include "providers/files/tree_answers.hpp"
#include "providers/files/tree_expand.hpp"
#include "providers/files/tree_probing.hpp"
#include "providers/files/tree_stepping.hpp"

namespace tidelock {
namespace {

bool is_tree(const Declaration& declaration) { return declaration.kind == "tree"; }

/// Trees apart from all else, and where each of them stood.
template <class Item>
struct Parted {
  std::vector<Item> trees, others;
  std::vector<std::size_t> tree_places, other_places;

  Parted(std::span<const Item> items, auto declaration_of) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool tree = is_tree(declaration_of(items[i]));
      (tree ? trees : others).push_back(items[i]);
      (tree ? tree_places : other_places).push_back(i);
    }
  }
};

Parted<Subject> parted(std::span<const Subject> subjects) {
  return {subjects, [](const Subject& subject) -> const Declaration& { return *subject.declaration; }};
}

Parted<const Change*> parted(std::span<const Change* const> changes) {
  return {changes, [](const Change* change) -> const Declaration& { return *change->declaration; }};
}

/// One question of both: trees first, between their labels.
std::optional<Probe> merged(std::optional<Probe> trees, std::optional<Probe> others) {
  if (!trees || !others) return trees ? std::move(trees) : std::move(others);
  std::ranges::move(others->scripts, std::back_inserter(trees->scripts));
  trees->limit = std::max(trees->limit, others->limit);
  return trees;
}

/// What deleted trees leave of a folder: neither link nor releases.
std::set<std::string, std::less<>> going(const std::vector<Subject>& trees) {
  std::set<std::string, std::less<>> paths;
  for (const auto& tree : trees)
    if (tree.leaving) paths.insert({tree.declaration->name, releases_of(tree.declaration->name)});
  return paths;
}

void add_steps(std::vector<Step>& all, std::vector<Step> steps, const std::vector<std::size_t>& places) {
  for (auto& step : steps) {
    for (auto& served : step.serves) served = places[served];
    all.push_back(std::move(step));
  }
}

class FilesProvider final : public Provider {
 public:
  explicit FilesProvider(const ProviderContext& context) : digests_(context.cache / "digests.json") {
    if (context.rehash) digests_.clear();
  }

  [[nodiscard]] std::string_view family() const override { return "files"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 4> kinds{"directory", "file", "image", "tree"};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override { return parse_fragment(embedded::files_schema_json); }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    auto placements = section.name == "trees"
                          ? files::expand_trees(section, digests_, diagnostics)
                          : files::expand_section(section, context, digests_, diagnostics);
    digests_.save();
    return placements;
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& kept) const override {
    if (auto former = key.kind == "tree" ? recall_release(key, attributes, kept) : nullptr) return former;
    return files::recall(key, attributes, kept);
  }

  void check(const Graph& graph, Diagnostics& diagnostics) const override {
    files::check_trees(graph, diagnostics);
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& /*options*/) const override {
    const auto parts = parted(subjects);
    return merged(files::first_tree_probe(parts.trees), files::first_probe(parts.others));
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    const auto parts = parted(subjects);
    std::vector<ProbeOutput> of_trees;
    std::vector<ProbeOutput> of_others;
    for (const auto& answer : answers) {
      auto [trees, others] = files::parts_of(answer);
      of_trees.push_back(std::move(trees));
      of_others.push_back(std::move(others));
    }
    auto trees = files::read_trees(parts.trees, of_trees, options);
    auto others = files::read_answers(parts.others, of_others, options, going(parts.trees));
    Reading reading;
    reading.findings.resize(subjects.size());
    for (std::size_t i = 0; i < parts.trees.size(); ++i)
      reading.findings[parts.tree_places[i]] = std::move(trees.findings[i]);
    for (std::size_t i = 0; i < parts.others.size(); ++i)
      reading.findings[parts.other_places[i]] = std::move(others.findings[i]);
    reading.extras = std::move(others.extras);
    reading.question = merged(std::move(trees.question), std::move(others.question));
    return reading;
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& context) const override {
    const auto parts = parted(changes);
    std::vector<Step> steps;
    add_steps(steps, files::steps_for(parts.others, context), parts.other_places);
    add_steps(steps, files::tree_steps(parts.trees, context), parts.tree_places);
    return steps;
  }

 private:
  mutable SourceDigests digests_;  // a memory, not a state: answers do not depend on it
};

}  // namespace

std::unique_ptr<Provider> make_files_provider(const ProviderContext& context) {
  return std::make_unique<FilesProvider>(context);
}

}  // namespace tidelock
