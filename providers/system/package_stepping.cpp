#include "providers/system/package_stepping.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/system/entry.hpp"
#include "providers/system/package_reading.hpp"
#include "providers/system/package_steps.sh.hpp"

namespace tidelock::system {
namespace {

using embedded::system_package_steps_sh;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds run_limit{3600};
constexpr std::chrono::seconds mark_limit{60};

/// One run that serves several changes.
struct Run {
  std::vector<std::size_t> serves;
  Words names, arguments;

  void add(std::size_t change, const Declaration& declaration, std::string argument) {
    serves.push_back(change);
    names.push_back(declaration.name);
    arguments.push_back(std::move(argument));
  }
};

void add_step(std::vector<Step>& steps, std::string_view what, ShellText function, const Run& run,
              std::chrono::seconds limit, std::string_view first = {}) {
  if (run.serves.empty()) return;
  constexpr std::size_t enough = 5;
  Words some(run.names.begin(),
             run.names.begin() + static_cast<std::ptrdiff_t>(std::min(enough, run.names.size())));
  const auto more = run.names.size() > enough ? fmt::format(" and {} more", run.names.size() - enough) : "";
  Script script(system_package_steps_sh, function);
  if (!first.empty()) script.argument(first);
  for (const auto& argument : run.arguments) script.argument(argument);
  steps.push_back({run.serves, fmt::format("{} {}{}", what, join(some, ", "), more), limit,
                   ScriptStep{std::move(script)}});
}

bool wants(const Change& change, std::string_view attribute) {
  return change.declaration->attributes.find(attribute) != nullptr &&
         (change.action == Action::create || holds(change.changed, std::string(attribute)));
}

bool installs(const Change& change) {
  return change.action == Action::create || holds(change.changed, std::string("version"));
}

/// What a version may be made of; a pattern only at its end, since apt and dnf read patterns differently.
bool is_version(std::string_view version) {
  if (version.ends_with('*')) version.remove_suffix(1);
  constexpr std::string_view signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+:~^-_";
  return !version.empty() && version.find_first_not_of(signs) == std::string_view::npos &&
         version.front() != '-';
}

}  // namespace

std::vector<Placement> expand_packages(const Section& section, Diagnostics& diagnostics) {
  std::vector<Placement> placements;
  for (const auto& entry : section.body.entries()) {
    auto declaration = declaration_of("package", entry, section);
    take(*declaration, entry.value, "version", "text");
    take(*declaration, entry.value, "hold", "boolean");
    if (const auto* version = entry.value.find("version"); version != nullptr && !is_version(version->text()))
      diagnostics.error(
          version->at(), "Version is not valid",
          fmt::format("{} is no version: write one as `apt-cache policy` shows it, or its beginning "
                      "and a *",
                      shown(version->text())));
    placements.push_back({std::move(declaration), section.hosts});
  }
  return placements;
}

void add_package_steps(std::vector<Step>& steps, std::span<const Change* const> changes) {
  Run remove;
  Run install;
  Run hold;
  Run unhold;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = *changes[i];
    const auto& declaration = *change.declaration;
    if (declaration.kind != "package") continue;
    if (change.action == Action::remove) {
      remove.add(i, declaration, declaration.name);
      continue;
    }
    if (installs(change)) install.add(i, declaration, package_argument(declaration));
    if (!wants(change, "hold")) continue;
    const bool held = *declaration.attributes.find("hold") == Value(true);
    if (held) hold.add(i, declaration, declaration.name);
    if (!held && change.action != Action::create) unhold.add(i, declaration, declaration.name);
  }
  add_step(steps, "remove", "packages_remove", remove, run_limit);
  add_step(steps, "install", "packages_install", install, run_limit);
  add_step(steps, "hold", "packages_hold", hold, mark_limit, "hold");
  add_step(steps, "release", "packages_hold", unhold, mark_limit, "unhold");
}

}  // namespace tidelock::system
