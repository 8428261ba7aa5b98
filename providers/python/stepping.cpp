#include "providers/python/stepping.hpp"

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/common/releases.hpp"
#include "providers/common/releases.sh.hpp"
#include "providers/python/steps.sh.hpp"
#include "providers/python/venv.hpp"

namespace tidelock::python {
namespace {

using embedded::python_steps_sh;

constexpr std::chrono::hours build_limit{2};  // packages that are compiled on a slow host
constexpr std::chrono::hours upload_limit{24};
constexpr std::string_view none = "-";

/// The same at the next try for the same wheels, so that it goes on from what arrived.
std::string stage_of(const Venv& venv) {
  constexpr std::size_t enough = 12;
  return ".tidelock-stage-" + venv.wheels_sha256.substr(0, enough);
}

void add_wheels(std::vector<Step>& steps, std::size_t i, const Declaration& declaration,
                const StepContext& context) {
  const auto& venv = *venv_of(declaration);
  steps.push_back(stage_step(i, declaration, context, stage_of(venv)));
  steps.push_back({{i},
                   fmt::format("send the wheels of {}", shown(declaration.name)),
                   upload_limit,
                   UploadStep{venv.wheels, venv.wheels_size, stage_of(venv), releases_of(declaration.name),
                              "", true, venv.left_out}});
}

void add_build(std::vector<Step>& steps, std::size_t i, const Declaration& declaration) {
  const auto& venv = *venv_of(declaration);
  const auto& attributes = declaration.attributes;
  const bool wheels = !venv.wheels.empty();
  const auto stamp =
      fmt::format("venv 1 requirements={} wheels={} python={}", attributes.text("requirements"),
                  attributes.text("wheels"), attributes.text("python"));
  Script build(python_steps_sh, "venv_build");
  build.with(embedded::common_releases_sh).argument(declaration.name).argument(sha256_hex(stamp));
  for (const auto* name : {"python", "owner", "group"}) build.argument(attributes.text(name));
  build.argument(wheels ? stage_of(venv) : none).argument(wheels ? venv.wheels_sha256 : none);
  build.argument(venv.index_url.empty() ? none : venv.index_url).argument(stamp);
  build.input(venv.requirements);
  steps.push_back(
      {{i}, fmt::format("build {}", shown(declaration.name)), build_limit, ScriptStep{std::move(build)}});
}

}  // namespace

std::vector<Step> venv_steps(std::span<const Change* const> changes, const StepContext& context) {
  std::vector<Step> steps;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& declaration = *changes[i]->declaration;
    const auto* venv = venv_of(declaration);
    if (changes[i]->action == Action::remove) {
      steps.push_back(delete_step(i, declaration));
      continue;
    }
    if (former_release(declaration) != nullptr) steps.push_back(bring_back_step(i, declaration));
    if (venv == nullptr) continue;
    if (!venv->wheels.empty()) add_wheels(steps, i, declaration, context);
    add_build(steps, i, declaration);
  }
  return steps;
}

}  // namespace tidelock::python
