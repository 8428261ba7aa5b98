#include "providers/python/probing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/common/releases.hpp"
#include "providers/python/answers.hpp"
#include "providers/python/probe.sh.hpp"
#include "providers/python/venv.hpp"

namespace tidelock::python {
namespace {

using embedded::python_probe_sh;

constexpr std::chrono::seconds probe_limit{30};

constexpr std::string_view left_behind = "left with the build of before";

using Words = std::vector<std::string>;

Script script_for(ShellText function, const Words& words) {
  Script script(python_probe_sh, function);
  for (const auto& word : words) script.argument(word);
  return script;
}

/// The links, and the folders of their builds.
Words places_of(std::span<const Subject> subjects) {
  Words paths;
  for (const auto& subject : subjects) {
    paths.push_back(subject.declaration->name);
    paths.push_back(releases_of(subject.declaration->name));
  }
  return paths;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool needs_account(std::string_view name) { return !name.empty() && name != "root" && !is_number(name); }

void add_once(Words& words, std::string_view word) {
  if (!holds(words, word)) words.emplace_back(word);
}

std::string base_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

std::string_view type_name(char type) {
  if (type == 'd') return "a directory";
  if (type == 'f') return "a regular file";
  if (type == 'l') return "a symbolic link";
  return "something else";
}

class VenvReader {
 public:
  VenvReader(std::span<const Subject> subjects, std::span<const ProbeOutput> outputs,
             const ProbeOptions& options)
      : subjects_(subjects),
        options_(options),
        asked_(outputs.size() > 1),
        answers_(parse_venv_answers(outputs, places_of(subjects))) {}

  Reading read() {
    Reading reading;
    for (const auto& subject : subjects_) reading.findings.push_back(finding(subject));
    if (!asked_) reading.question = question(reading);
    return reading;
  }

 private:
  [[nodiscard]] Finding finding(const Subject& subject) const {
    Finding finding;
    const auto& declaration = *subject.declaration;
    const auto seen = answers_.places.find(declaration.name);
    if (seen == answers_.places.end())
      finding.observation = Unknown{"the host gave no answer about it"};
    else if (const auto* unknown = std::get_if<Unknown>(&seen->second))
      finding.observation = *unknown;
    else if (subject.leaving)
      describe_leaving(finding, declaration, std::get_if<Place>(&seen->second));
    else if (venv_of(declaration) == nullptr)
      describe_former(finding, declaration, std::get_if<Place>(&seen->second));
    else if (const auto* place = std::get_if<Place>(&seen->second))
      describe(finding, declaration, *place);
    else
      describe_absent(finding, declaration);
    const bool known = !std::holds_alternative<Unknown>(finding.observation);
    if (!subject.leaving && venv_of(declaration) != nullptr && known) add_obstacles(finding, declaration);
    return finding;
  }

  /// Only which build is live.
  void describe_former(Finding& finding, const Declaration& declaration, const Place* place) const {
    if (former_release(declaration) == nullptr || !answers_.builds) {
      finding.observation = Unknown{"its build of before is not known"};
      return;
    }
    const auto wanted =
        releases_of(declaration.name) + '/' + std::string(declaration.attributes.text("release"));
    finding.observation = Absent{};
    finding.fingerprint = "absent";
    if (place != nullptr) {
      if (!is_ours(finding, declaration.name, *place)) return;
      const auto live = *release_behind(declaration.name, place->link);
      finding.observation = Present{{{"release", base_of(live)}}};
      finding.before_images = {BeforeImage{live, 0}};
      if (live != wanted && answers_.holders)
        finding.disturbs = answers_.holders->disturbances(declaration.name, std::string(left_behind));
    }
    finding.obstacle = former_obstacle(declaration, answers_.builds->contains(wanted));
  }

  static void describe_absent(Finding& finding, const Declaration& declaration) {
    finding.observation = Absent{};
    finding.fingerprint = "absent";
    finding.bytes_to_send = venv_of(declaration)->wheels_size;
  }

  /// False where it is no link to one of its builds; then `finding` says what it is.
  [[nodiscard]] static bool is_ours(Finding& finding, const std::string& path, const Place& place) {
    finding.fingerprint = sha256_hex(place.type + place.link);
    if (place.type == 'l' && release_behind(path, place.link)) return true;
    finding.observation = Present{{{"type", std::string(type_name(place.type))}}};
    finding.obstacle = Obstacle{fmt::format("{}{} is in the way; move it away by hand", type_name(place.type),
                                            place.type == 'l' ? " to " + shown(place.link) : ""),
                                {}};
    return false;
  }

  void describe(Finding& finding, const Declaration& declaration, const Place& place) const {
    if (!is_ours(finding, declaration.name, place)) return;
    const auto version = answers_.versions.find(std::string(declaration.attributes.text("python")));
    if (!answers_.sound || !answers_.builds || !answers_.stamps || version == answers_.versions.end()) {
      finding.observation = Unknown{"the host gave no answer about it"};
      return;
    }
    const auto stamp = answers_.stamps->find(declaration.name);
    const auto owner = answers_.owners.find(declaration.name);
    if (!answers_.builds->contains(releases_of(declaration.name) + '/' + base_of(place.link))) {
      finding.observation = Present{{{"state", "gone"}}};
    } else if (stamp == answers_.stamps->end() || owner == answers_.owners.end()) {
      finding.observation = Unknown{"its build could not be read"};
      return;
    } else {
      auto attributes = seen(declaration, stamp->second, owner->second, version->second);
      attributes.set("release", base_of(place.link));
      finding.observation = Present{std::move(attributes)};
      finding.fingerprint =
          sha256_hex(fmt::format("{} {} {} {} {} {}", place.link, stamp->second.text, stamp->second.whole,
                                 owner->second.uid, owner->second.gid, version->second));
    }
    finding.before_images = {BeforeImage{*release_behind(declaration.name, place.link), 0}};
    if (!differs(declaration, finding)) return;
    finding.bytes_to_send = venv_of(declaration)->wheels_size;
    if (answers_.holders)
      finding.disturbs = answers_.holders->disturbances(declaration.name, std::string(left_behind));
  }

  static Attributes seen(const Declaration& declaration, const Stamp& stamp, const Owner& owner,
                         const std::string& version) {
    const auto word = [&](std::string_view name) {
      const auto known = stamp.words.find(name);
      return known == stamp.words.end() ? std::string("unknown") : known->second;
    };
    std::string state(ready);
    if (stamp.words.empty())
      state = "without stamp";
    else if (!stamp.whole)
      state = "broken";
    else if (!version.empty() && word("version") != version)
      state = fmt::format("made for Python {}", word("version"));
    const auto by_number = [&](std::string_view attribute) {
      return is_number(declaration.attributes.text(attribute));
    };
    return {{"group", by_number("group") ? owner.gid : owner.group},
            {"owner", by_number("owner") ? owner.uid : owner.user},
            {"python", word("python")},
            {"requirements", word("requirements")},
            {"state", state},
            {"wheels", word("wheels")}};
  }

  void add_obstacles(Finding& finding, const Declaration& declaration) const {
    if (finding.obstacle) return;
    const auto beside = answers_.places.find(releases_of(declaration.name));
    const auto* place = beside == answers_.places.end() ? nullptr : std::get_if<Place>(&beside->second);
    if (place != nullptr && place->type != 'd')
      finding.obstacle = Obstacle{fmt::format("{} is in the way at {}; move it away by hand",
                                              type_name(place->type), shown(releases_of(declaration.name))),
                                  {}};
    const auto python = std::string(declaration.attributes.text("python"));
    const auto version = answers_.versions.find(python);
    if (!finding.obstacle && version != answers_.versions.end() && version->second.empty())
      finding.obstacle =
          Obstacle{fmt::format("{} does not run on this host", shown(python)), {{"package", "python3-venv"}}};
    if (!finding.obstacle) finding.obstacle = missing_account(declaration);
  }

  [[nodiscard]] std::optional<Obstacle> missing_account(const Declaration& declaration) const {
    for (const auto& [kind, attribute, known] :
         {std::tuple("user", "owner", &answers_.users), std::tuple("group", "group", &answers_.groups)}) {
      const auto name = std::string(declaration.attributes.text(attribute));
      if (needs_account(name) && *known && !(*known)->contains(name))
        return Obstacle{fmt::format("the {} {} does not exist on this host", kind, shown(name)),
                        {{kind, name}}};
    }
    return std::nullopt;
  }

  void describe_leaving(Finding& finding, const Declaration& declaration, const Place* place) const {
    if (!answers_.sound || !answers_.builds) {
      finding.observation = Unknown{"the host did not say which builds there are"};
      return;
    }
    std::string builds;
    for (const auto& build : *answers_.builds)
      if (build.starts_with(releases_of(declaration.name) + '/') && is_release_name(base_of(build)))
        builds += build + '\n';
    if (place != nullptr && !is_ours(finding, declaration.name, *place)) return;
    if (place == nullptr && builds.empty()) {
      finding.observation = Absent{};
      finding.fingerprint = "absent";
      return;
    }
    finding.observation = Present{{{"release", place == nullptr ? "none" : base_of(place->link)}}};
    if (place != nullptr) {
      const auto live = *release_behind(declaration.name, place->link);
      if (answers_.builds->contains(live)) finding.before_images = {BeforeImage{live, 0}};
    }
    finding.fingerprint = sha256_hex(finding.fingerprint + '\n' + builds);
    if (answers_.holders) finding.obstacle = answers_.holders->pending(declaration.name);
  }

  static bool differs(const Declaration& declaration, const Finding& finding) {
    const auto* present = std::get_if<Present>(&finding.observation);
    if (present == nullptr) return false;
    return std::ranges::any_of(declaration.attributes, [&](const auto& entry) {
      const auto* living = present->attributes.find(entry.first);
      return living == nullptr || *living != entry.second;
    });
  }

  [[nodiscard]] std::optional<Probe> question(const Reading& reading) const {
    Words holders;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      const auto& declaration = *subjects_[i].declaration;
      const bool there = std::holds_alternative<Present>(reading.findings[i].observation);
      const bool changes = options_.details && differs(declaration, reading.findings[i]);
      if (there && (subjects_[i].leaving || changes)) holders.push_back(declaration.name);
    }
    if (holders.empty()) return std::nullopt;
    return Probe{{Holders::question(holders)}, probe_limit};
  }

  std::span<const Subject> subjects_;
  const ProbeOptions& options_;
  bool asked_;  ///< the question of the first reading was put
  VenvAnswers answers_;
};

}  // namespace

std::optional<Probe> first_venv_probe(std::span<const Subject> subjects) {
  if (subjects.empty()) return std::nullopt;
  Words paths;
  Words pythons;
  Words users{"passwd"};
  Words groups{"group"};
  for (const auto& subject : subjects) {
    const auto& declaration = *subject.declaration;
    paths.push_back(declaration.name);
    if (subject.leaving || venv_of(declaration) == nullptr) continue;
    add_once(pythons, declaration.attributes.text("python"));
    if (const auto owner = declaration.attributes.text("owner"); needs_account(owner)) add_once(users, owner);
    if (const auto group = declaration.attributes.text("group"); needs_account(group))
      add_once(groups, group);
  }
  Probe probe{{script_for("venv_look", places_of(subjects)), script_for("venv_state", paths)}, probe_limit};
  for (const auto& python : pythons) probe.scripts.push_back(script_for("venv_version", {python}));
  if (users.size() > 1) probe.scripts.push_back(script_for("venv_accounts", users));
  if (groups.size() > 1) probe.scripts.push_back(script_for("venv_accounts", groups));
  return probe;
}

Reading read_venvs(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                   const ProbeOptions& options) {
  return VenvReader(subjects, answers, options).read();
}

}  // namespace tidelock::python
