#include "providers/system/package_answers.hpp"

#include <algorithm>

#include "engine/base/text.hpp"
#include "providers/system/records.hpp"

namespace tidelock::system {
namespace {

/// What dpkg and rpm say, each in its own words, of a package that is not there.
std::optional<std::string_view> missing_package(std::string_view line) {
  constexpr std::string_view dpkg = "dpkg-query: no packages found matching ";
  constexpr std::string_view rpm_before = "package ";
  constexpr std::string_view rpm_behind = " is not installed";
  if (line.starts_with(dpkg)) return line.substr(dpkg.size());
  if (!line.starts_with(rpm_before) || !line.ends_with(rpm_behind)) return std::nullopt;
  line.remove_prefix(rpm_before.size());
  line.remove_suffix(rpm_behind.size());
  return line;
}

/// dpkg's three letters: what is wanted, what is, and whether something is wrong.
PackageState state_of(std::string_view letters) {
  const char status = letters.size() > 1 ? letters[1] : ' ';
  const bool error = letters.size() > 2 && letters[2] != ' ';
  if (!error && (status == 'i' || status == 't' || status == 'W')) return PackageState::installed;
  if (!error && (status == 'n' || status == 'c')) return PackageState::absent;
  return PackageState::half_installed;
}

void add_installed(PackageAnswers& answers, std::string_view line) {
  if (const auto missing = missing_package(line)) {
    answers.installed.try_emplace(std::string(*missing));
    return;
  }
  const auto parts = split(line, '\t');
  if (parts.size() != 3) return;
  auto& package = answers.installed[std::string(parts[0])];
  const auto state = state_of(parts[2]);
  if (state == PackageState::absent) return;
  if (package.state != PackageState::half_installed) package.state = state;
  package.versions.emplace_back(parts[1]);
  package.held = package.held || parts[2].starts_with('h');
}

/// Lines of versionlock.list: "name-epoch:version-release.*".
void add_locks(PackageAnswers& answers, const std::string& text) {
  for (auto& [name, package] : answers.installed)
    for (const auto line : split(text, '\n'))
      if (line.starts_with(name + '-') && line.size() > name.size() + 1 &&
          std::string_view("0123456789").contains(line[name.size() + 1]))
        package.held = true;
}

/// `apt-cache policy`: a name at the beginning of a line, its versions indented by five, below "Version
/// table:".
std::map<std::string, std::vector<std::string>, std::less<>> parse_policy(const std::string& text) {
  std::map<std::string, std::vector<std::string>, std::less<>> candidates;
  std::vector<std::string>* versions = nullptr;
  for (const auto line : split(text, '\n')) {
    if (!line.empty() && line.front() != ' ' && line.ends_with(':')) {
      versions = &candidates[std::string(line.substr(0, line.size() - 1))];
    } else if (versions != nullptr && (line.starts_with("     ") || line.starts_with(" *** "))) {
      const auto rest = line.substr(5);
      if (rest.empty() || rest.front() == ' ') continue;  // where that version comes from
      versions->emplace_back(rest.substr(0, rest.find(' ')));
    }
  }
  return candidates;
}

Trial parse_trial(const std::string& text) {
  Trial trial;
  bool summed_up = false;
  for (const auto line : split(text, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() > 1 && words[0] == "Inst") trial.installs.emplace_back(words[1]);
    if (words.size() > 1 && words[0] == "Remv") trial.removes.emplace_back(words[1]);
    summed_up = summed_up || line.contains(" newly installed, ");
    if (line.starts_with("E: ") && trial.refusal.empty()) trial.refusal = printable(line.substr(3));
  }
  if (trial.refusal.empty() && !summed_up) trial.refusal = "it gave no clear answer";
  return trial;
}

}  // namespace

PackageAnswers parse_package_answers(std::span<const ProbeOutput> outputs) {
  PackageAnswers answers;
  for (const auto& output : outputs) {
    for (Records records(output.records); records.more();) {
      const auto& label = records.take();
      if (label == "installed" && records.has(3)) {
        answers.manager = records.take();
        const auto& lines = records.take();
        for (const auto line : split(lines, '\n')) add_installed(answers, line);
        add_locks(answers, records.take());
      } else if (label == "candidates" && records.has(2)) {
        answers.has_lists = records.take() == "yes";
        answers.candidates = parse_policy(records.take());
      } else if (label == "trial" && records.has(2)) {
        const auto& what = records.take();
        answers.trials[what] = parse_trial(records.take());
      }
    }
  }
  return answers;
}

}  // namespace tidelock::system
