#include "providers/system/package_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/system/packages.sh.hpp"

namespace tidelock::system {
namespace {

using embedded::system_packages_sh;
using Words = std::vector<std::string>;

bool is_package(const Subject& subject) { return subject.declaration->kind == "package"; }

Script script_for(ShellText function, const Words& words, std::string_view first = {}) {
  Script script(system_packages_sh, function);
  if (!first.empty()) script.argument(first);
  for (const auto& word : words) script.argument(word);
  return script;
}

/// The first few, and how many there are beside.
std::string some_of(Words words) {
  constexpr std::size_t enough = 5;
  const auto more = words.size() > enough ? fmt::format(" and {} more", words.size() - enough) : "";
  words.resize(std::min(words.size(), enough));
  return printable(join(words, ", ")) + more;
}

bool fits(const Declaration& declaration, std::string_view version) {
  const auto wanted = declaration.attributes.text("version");
  return wanted.empty() || declaration.ignore.contains("version") || glob_matches(wanted, version);
}

/// The pattern where the version fits, so that equal means right.
Attributes living(const Declaration& declaration, const InstalledPackage& package) {
  const auto fitting = std::ranges::find_if(
      package.versions, [&](const std::string& version) { return fits(declaration, version); });
  const auto wanted = declaration.attributes.text("version");
  const bool right = fitting != package.versions.end() && !wanted.empty() && glob_matches(wanted, *fitting);
  return {{"version", right ? std::string(wanted) : join(package.versions, " ")}, {"hold", package.held}};
}

}  // namespace

std::string package_argument(const Declaration& declaration) {
  const auto version = declaration.attributes.text("version");
  return version.empty() ? declaration.name : fmt::format("{}={}", declaration.name, version);
}

void ask_packages(Probe& probe, std::span<const Subject> subjects) {
  Words names;
  for (const auto& subject : subjects)
    if (is_package(subject)) names.push_back(subject.declaration->name);
  if (!names.empty()) probe.scripts.push_back(script_for("packages_installed", names));
}

const InstalledPackage* PackageReader::installed(const Subject& subject) const {
  const auto found = answers_.installed.find(subject.declaration->name);
  return found == answers_.installed.end() ? nullptr : &found->second;
}

bool PackageReader::is_settled(const Declaration& declaration, const InstalledPackage& package) {
  return package.state == PackageState::installed &&
         std::ranges::any_of(package.versions,
                             [&](const auto& version) { return fits(declaration, version); });
}

Finding PackageReader::finding(const Subject& subject) const {
  Finding finding;
  const auto& declaration = *subject.declaration;
  const auto* package = installed(subject);
  if (answers_.manager == "none")
    finding.observation = Unknown{"this host has neither dpkg nor rpm"};
  else if (package == nullptr)
    finding.observation = Unknown{"the host gave no clear answer about it"};
  else if (package->state == PackageState::half_installed)
    finding.observation = Unknown{"it is half installed; mend that by hand: dpkg --configure -a"};
  else if (package->state == PackageState::absent)
    finding.observation = Absent{};
  else
    finding.observation = Present{living(declaration, *package)};
  if (std::holds_alternative<Unknown>(finding.observation)) return finding;
  finding.fingerprint = sha256_hex(join(package->versions, " ") + (package->held ? " held" : ""));
  const bool goes = subject.leaving || !is_settled(declaration, *package);
  if (goes && !package->versions.empty())
    finding.irreversible = fmt::format("version {}, unless apt has it then", join(package->versions, ", "));
  if (subject.leaving) {
    finding.obstacle = leaving_obstacle(declaration, *package);
  } else if (goes) {
    finding.obstacle = obstacle(declaration, *package);
    finding.disturbs = brings(declaration);
  }
  return finding;
}

std::optional<Obstacle> PackageReader::obstacle(const Declaration& declaration,
                                                const InstalledPackage& package) const {
  if (package.held && declaration.attributes.find("hold") == nullptr)
    return Obstacle{"it is held on this host; say `hold: true` or `hold: false` to change it all the same",
                    {}};
  if (auto none = not_to_be_had(declaration)) return none;
  return refused_trial();
}

/// Lists that are not there yet are fetched before anything is installed; until then nothing is known.
std::optional<Obstacle> PackageReader::not_to_be_had(const Declaration& declaration) const {
  if (!answers_.candidates || !answers_.has_lists) return std::nullopt;
  const auto known = answers_.candidates->find(declaration.name);
  if (known == answers_.candidates->end() || known->second.empty())
    return Obstacle{"apt knows no package of that name here; is its source there, and up to date?", {}};
  const auto fitting =
      std::ranges::any_of(known->second, [&](const auto& v) { return fits(declaration, v); });
  if (fitting) return std::nullopt;
  return Obstacle{fmt::format("apt has no version {} of it here, but {}",
                              shown(declaration.attributes.text("version")), some_of(known->second)),
                  {}};
}

std::optional<Obstacle> PackageReader::refused_trial() const {
  const auto trial = answers_.trials.find("install");
  if (trial == answers_.trials.end()) return std::nullopt;
  if (!trial->second.refusal.empty())
    return Obstacle{fmt::format("apt would refuse: {}", trial->second.refusal), {}};
  if (trial->second.removes.empty()) return std::nullopt;
  return Obstacle{fmt::format("apt would remove {} for it; do that by hand", some_of(trial->second.removes)),
                  {}};
}

/// A hold that is not ours keeps it.
std::optional<Obstacle> PackageReader::leaving_obstacle(const Declaration& declaration,
                                                        const InstalledPackage& package) const {
  const auto* hold = declaration.attributes.find("hold");
  if (package.held && (hold == nullptr || *hold != Value(true)))
    return Obstacle{"it is held on this host; apt-mark unhold releases it", {}};
  const auto trial = answers_.trials.find("remove");
  if (trial == answers_.trials.end()) return std::nullopt;
  if (!trial->second.refusal.empty())
    return Obstacle{fmt::format("apt would refuse: {}", trial->second.refusal), {}};
  Words others;
  const auto going = leaving();
  for (const auto& name : trial->second.removes)
    if (!holds(going, name)) others.push_back(name);
  if (others.empty()) return std::nullopt;
  return Obstacle{fmt::format("{} {} it", some_of(others), others.size() == 1 ? "needs" : "need"), {}};
}

Words PackageReader::leaving() const {
  Words names;
  for (const auto& subject : subjects_) {
    const auto* package = subject.leaving && is_package(subject) ? installed(subject) : nullptr;
    if (package != nullptr && package->state == PackageState::installed)
      names.push_back(subject.declaration->name);
  }
  return names;
}

/// What one run of apt installs beside what was asked for; said once, with the first.
std::vector<Disturbance> PackageReader::brings(const Declaration& declaration) const {
  const auto trial = answers_.trials.find("install");
  const auto asked = to_install();
  if (trial == answers_.trials.end() || asked.empty() || asked.front()->declaration != &declaration)
    return {};
  Words others;
  for (const auto& name : trial->second.installs)
    if (std::ranges::none_of(asked, [&](const auto* subject) { return subject->declaration->name == name; }))
      others.push_back(name);
  if (others.empty()) return {};
  return {{Disturbance::Kind::other, "", fmt::format("brings {}", some_of(std::move(others)))}};
}

/// What apt could install, as far as is known.
std::vector<const Subject*> PackageReader::to_install() const {
  std::vector<const Subject*> subjects;
  for (const auto& subject : subjects_) {
    if (!is_package(subject) || subject.leaving) continue;
    const auto* package = installed(subject);
    if (package == nullptr || package->state == PackageState::half_installed ||
        is_settled(*subject.declaration, *package))
      continue;
    if (package->held && subject.declaration->attributes.find("hold") == nullptr) continue;
    if (!not_to_be_had(*subject.declaration)) subjects.push_back(&subject);
  }
  return subjects;
}

void PackageReader::add_question(Probe& probe) const {
  if (answers_.manager != "apt") return;
  Words names;
  Words wanted;
  for (const auto* subject : to_install()) {
    names.push_back(subject->declaration->name);
    wanted.push_back(package_argument(*subject->declaration));
  }
  const auto going = leaving();
  if (rounds_ == 1 && !names.empty()) probe.scripts.push_back(script_for("packages_candidates", names));
  if (rounds_ == 2 && !wanted.empty() && answers_.has_lists)
    probe.scripts.push_back(script_for("packages_trial", wanted, "install"));
  if (rounds_ == 1 && !going.empty()) probe.scripts.push_back(script_for("packages_trial", going, "remove"));
}

}  // namespace tidelock::system
