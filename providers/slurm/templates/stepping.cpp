#include "providers/slurm/templates/stepping.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/files.sh.hpp"
#include "providers/slurm/templates/template.hpp"

namespace tidelock::slurm {
namespace {

using embedded::common_files_sh;

/// SHA-256 of what was there; "none" where nothing was.
std::string seen_digest(const Change& change) {
  if (!change.before) return "none";
  const auto digest = change.before->text("source");
  constexpr std::string_view prefix = "sha256:";
  return digest.size() > prefix.size() ? std::string(digest.substr(prefix.size())) : "-";
}

/// An attribute to set; "-" leaves it as it is. What is not declared is root's when it is made.
std::string dress(const Change& change, std::string_view name, std::string_view initial) {
  const auto wanted = change.declaration->attributes.text(name);
  if (!wanted.empty()) return std::string(wanted);
  return std::string(change.action == Action::create ? initial : "-");
}

Script write(const Change& change) {
  const auto& plan = *plan_of(*change.declaration);
  const auto& path = change.declaration->name;
  const bool same =
      change.before && change.before->text("source") == change.declaration->attributes.text("source");
  Script script = same ? Script(common_files_sh, "files_dress_open").argument(path).argument("file")
                  : plan.kept.empty()
                      ? Script(common_files_sh, "files_put").argument(path).argument(plan.sha256)
                      : Script(common_files_sh, "files_restore").argument(path).argument(plan.sha256);
  if (!same) script.argument(seen_digest(change));
  if (!same && !plan.kept.empty()) script.argument(plan.kept);
  script.argument(dress(change, "owner", "root"));
  script.argument(dress(change, "group", "root"));
  script.argument(dress(change, "mode", "0644"));
  if (!same && plan.kept.empty()) script.input(plan.bytes);
  return script;
}

}  // namespace

void add_template_steps(std::vector<Step>& steps, std::span<const Change* const> changes) {
  constexpr std::chrono::seconds limit{60};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = *changes[i];
    if (!is_template(*change.declaration)) continue;
    const auto& path = change.declaration->name;
    if (change.action == Action::remove)
      steps.push_back({{i},
                       fmt::format("delete {}", shown(path)),
                       limit,
                       ScriptStep{Script(common_files_sh, "files_delete")
                                      .argument(path)
                                      .argument("file")
                                      .argument(seen_digest(change))}});
    else
      steps.push_back({{i}, fmt::format("write {}", shown(path)), limit, ScriptStep{write(change)}});
  }
}

}  // namespace tidelock::slurm
