#include "providers/files/tree_stepping.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/releases.hpp"
#include "providers/common/releases.sh.hpp"
#include "providers/files/tree.hpp"
#include "providers/files/tree_diff.hpp"
#include "providers/files/tree_steps.sh.hpp"

namespace tidelock::files {
namespace {

using embedded::files_tree_steps_sh;

constexpr std::chrono::seconds install_limit{1800};  // hashing and syncing some GB on a slow disk
constexpr std::chrono::hours upload_limit{24};

/// The same at the next try for the same tree, so that it goes on from what arrived.
std::string stage_of(const Tree& tree) {
  constexpr std::size_t enough = 12;
  return ".tidelock-stage-" + tree.sha256.substr(0, enough);
}

Script install_script(const Declaration& declaration, const Tree& tree) {
  const auto& attributes = declaration.attributes;
  Script script(files_tree_steps_sh, "tree_install");
  script.with(embedded::common_releases_sh)
      .argument(declaration.name)
      .argument(stage_of(tree))
      .argument(tree.sha256);
  for (const auto* name : {"owner", "group", "directory_mode", "file_mode"})
    script.argument(attributes.text(name));
  return std::move(script)
      .argument(program_mode(attributes.text("file_mode")))
      .argument(fmt::to_string(tree.keep));
}

void add_release(std::vector<Step>& steps, std::size_t i, const Change& change, const StepContext& context) {
  const auto& declaration = *change.declaration;
  const auto& tree = *tree_of(declaration);
  const auto name = shown(declaration.name);
  steps.push_back(stage_step(i, declaration, context, stage_of(tree)));
  const auto basis = change.action == Action::create ? std::string() : declaration.name;
  steps.push_back({{i},
                   fmt::format("send {}", name),
                   upload_limit,
                   UploadStep{tree.folder, tree.size, stage_of(tree), releases_of(declaration.name), basis,
                              true, tree.left_out}});
  steps.push_back(
      {{i}, fmt::format("install {}", name), install_limit, ScriptStep{install_script(declaration, tree)}});
}

}  // namespace

std::vector<Step> tree_steps(std::span<const Change* const> changes, const StepContext& context) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = *changes[i];
    if (change.action == Action::remove)
      steps.push_back(delete_step(i, *change.declaration));
    else if (former_release(*change.declaration) != nullptr)
      steps.push_back(bring_back_step(i, *change.declaration));
    else if (tree_of(*change.declaration) != nullptr)
      add_release(steps, i, change, context);
  }
  return steps;
}

}  // namespace tidelock::files
