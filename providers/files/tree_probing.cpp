#include "providers/files/tree_probing.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/common/releases.hpp"
#include "providers/files/accounts.hpp"
#include "providers/files/probe.sh.hpp"
#include "providers/files/tree.hpp"
#include "providers/files/tree_answers.hpp"
#include "providers/files/tree_diff.hpp"
#include "providers/files/tree_probe.sh.hpp"

namespace tidelock::files {
namespace {

using embedded::files_probe_sh;
using embedded::files_tree_probe_sh;

constexpr std::chrono::seconds first_limit{30};
constexpr std::chrono::seconds content_limit{1800};  // some GB from a slow disk

constexpr std::string_view left_behind = "left with the release of before";

using Words = std::vector<std::string>;

Script script_for(ShellText text, ShellText function, const Words& words) {
  Script script(text, function);
  for (const auto& word : words) script.argument(word);
  return script;
}

/// Between the labels, so that nothing in a tree can pass for an answer about something else.
Probe between_labels(std::vector<Script> scripts, std::chrono::seconds limit) {
  Probe probe{.scripts = {}, .limit = limit};
  probe.scripts.push_back(script_for(files_tree_probe_sh, "tree_label", {std::string(tree_part_begins)}));
  std::ranges::move(scripts, std::back_inserter(probe.scripts));
  probe.scripts.push_back(script_for(files_tree_probe_sh, "tree_label", {std::string(tree_part_ends)}));
  return probe;
}

/// The paths that stat is asked about: the links, and the folders of their releases.
Words stat_paths(std::span<const Subject> subjects) {
  Words paths;
  for (const auto& subject : subjects) {
    paths.push_back(subject.declaration->name);
    paths.push_back(releases_of(subject.declaration->name));
  }
  return paths;
}

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string base_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

class TreeReaderOfHost {
 public:
  TreeReaderOfHost(std::span<const Subject> subjects, std::span<const ProbeOutput> outputs,
                   const ProbeOptions& options)
      : subjects_(subjects),
        options_(options),
        asked_(outputs.size() > 1),
        answers_(parse_tree_answers(outputs, {stat_paths(subjects)})) {}

  Reading read() {
    Reading reading;
    for (const auto& subject : subjects_) reading.findings.push_back(finding(subject));
    add_space_obstacles(reading);
    if (!asked_) reading.question = question(reading);
    return reading;
  }

 private:
  using Stat = std::variant<PathStat, Absent, BehindNoDirectory, Unknown>;

  [[nodiscard]] Finding finding(const Subject& subject) const {
    Finding finding;
    const auto& declaration = *subject.declaration;
    const auto seen = answers_.files.paths.find(declaration.name);
    if (seen == answers_.files.paths.end())
      finding.observation = Unknown{"the host gave no answer about it"};
    else if (const auto* unknown = std::get_if<Unknown>(&seen->second))
      finding.observation = *unknown;
    else if (subject.leaving)
      describe_leaving(finding, declaration, seen->second);
    else if (tree_of(declaration) == nullptr)
      describe_former(finding, declaration, seen->second);
    else if (const auto* stat = std::get_if<PathStat>(&seen->second))
      describe(finding, subject, *stat);
    else
      describe_absent(finding, declaration, std::holds_alternative<BehindNoDirectory>(seen->second));
    if (!subject.leaving && !finding.obstacle) finding.obstacle = obstacle_beside(declaration);
    return finding;
  }

  void describe_absent(Finding& finding, const Declaration& declaration, bool behind_no_directory) const {
    finding.observation = Absent{};
    finding.fingerprint = "absent";
    finding.bytes_to_send = tree_of(declaration)->size;
    finding.obstacle =
        behind_no_directory
            ? Obstacle{"one of its parents is no directory; move that away by hand", {}}
            : missing_account(declaration, nullptr, answers_.files.users, answers_.files.groups);
  }

  /// Only which release is live.
  void describe_former(Finding& finding, const Declaration& declaration, const Stat& seen) const {
    if (former_release(declaration) == nullptr || !answers_.releases) {
      finding.observation = Unknown{"its release of before is not known"};
      return;
    }
    const auto wanted =
        releases_of(declaration.name) + '/' + std::string(declaration.attributes.text("release"));
    const auto* stat = std::get_if<PathStat>(&seen);
    finding.observation = Absent{};
    finding.fingerprint = "absent";
    if (stat != nullptr) {
      const auto release = live_release(finding, declaration.name, *stat);
      if (!release) return;
      finding.observation = Present{{{"release", base_of(*release)}}};
      finding.before_images = {BeforeImage{*release, 0}};
      if (*release != wanted && answers_.holders)
        finding.disturbs = answers_.holders->disturbances(declaration.name, std::string(left_behind));
    }
    finding.obstacle = former_obstacle(declaration, answers_.releases->contains(wanted));
  }

  /// What lies where the releases have to be.
  [[nodiscard]] std::optional<Obstacle> obstacle_beside(const Declaration& declaration) const {
    const auto seen = answers_.files.paths.find(releases_of(declaration.name));
    const auto* stat = seen == answers_.files.paths.end() ? nullptr : std::get_if<PathStat>(&seen->second);
    if (stat == nullptr || stat->is_directory()) return std::nullopt;
    return Obstacle{fmt::format("{} is in the way at {}; move it away by hand", stat->type_name(),
                                shown(releases_of(declaration.name))),
                    {}};
  }

  /// The release that is live. Where there is none, `finding` says what there is instead.
  [[nodiscard]] std::optional<std::string> live_release(Finding& finding, const std::string& path,
                                                        const PathStat& stat) const {
    if (!stat.is_symlink()) {
      finding.observation = Present{{{"type", std::string(stat.type_name())}}};
      finding.obstacle =
          Obstacle{fmt::format("{} is in the way; move it away by hand", stat.type_name()), {}};
      finding.fingerprint = sha256_hex(fmt::format("{:o} {} {}", stat.mode, stat.device, stat.inode));
      return std::nullopt;
    }
    const auto link = answers_.links.find(path);
    if (link == answers_.links.end()) {
      finding.observation = Unknown{"the host did not say where its link leads"};
      return std::nullopt;
    }
    finding.fingerprint = sha256_hex(link->second);
    auto release = release_behind(path, link->second);
    if (release) return release;
    finding.observation = Present{{{"link", link->second}}};
    finding.obstacle = Obstacle{
        fmt::format("a symbolic link to {} is in the way; move it away by hand", shown(link->second)), {}};
    return std::nullopt;
  }

  void describe(Finding& finding, const Subject& subject, const PathStat& stat) const {
    const auto& path = subject.declaration->name;
    const auto release = live_release(finding, path, stat);
    if (!release) return;
    if (!answers_.contents_complete || !answers_.releases) {
      finding.observation = Unknown{"its release could not be read"};
      finding.fingerprint.clear();
      return;
    }
    const auto content = answers_.contents.find(*release);
    if (content != answers_.contents.end())
      return describe_release(finding, subject, *release, content->second);
    if (answers_.releases->contains(*release)) {
      finding.observation = Unknown{"its release could not be read"};
      return;
    }
    finding.observation = Present{{{"link", "to a release that is gone"}}};
    finding.bytes_to_send = tree_of(*subject.declaration)->size;
  }

  void describe_release(Finding& finding, const Subject& subject, const std::string& release,
                        const std::vector<LiveEntry>& all) const {
    const auto& declaration = *subject.declaration;
    const auto& tree = *tree_of(declaration);
    const auto entries = without_excluded(all, tree);
    const auto listing = listing_digest(entries);
    finding.fingerprint = sha256_hex(release + ' ' + listing);
    const auto sums = sums_of(entries, release);
    auto digest = sums ? std::optional(tree_digest(tree_entries(entries, *sums))) : std::nullopt;
    if (!digest && !options_.rehash) digest = remembered(subject.memory, listing);
    if (!digest) {
      finding.observation = Unknown{"its content could not be read"};
      return;
    }
    finding.memory = listing + ' ' + *digest;
    auto seen = shared_attributes(entries, declaration.attributes);
    seen.set("sha256", *digest);
    seen.set("release", base_of(release));
    finding.before_images = {BeforeImage{release, 0}};
    finding.observation = Present{std::move(seen)};
    finding.obstacle = missing_account(declaration, std::get_if<Present>(&finding.observation),
                                       answers_.files.users, answers_.files.groups);
    if (!differs(declaration, finding)) return;
    finding.bytes_to_send = tree.size;
    if (sums) finding.text_diff = tree_diff(tree_entries(entries, *sums), tree.entries);
    if (answers_.holders)
      finding.disturbs = answers_.holders->disturbances(declaration.name, std::string(left_behind));
  }

  [[nodiscard]] static std::vector<LiveEntry> without_excluded(const std::vector<LiveEntry>& all,
                                                               const Tree& tree) {
    std::vector<LiveEntry> entries;
    for (const auto& entry : all)
      if (!is_excluded(entry.name, tree.exclude)) entries.push_back(entry);
    std::ranges::sort(entries, {}, &LiveEntry::name);
    return entries;
  }

  /// None unless every file has its digest.
  [[nodiscard]] std::optional<std::map<std::string, std::string>> sums_of(
      const std::vector<LiveEntry>& entries, const std::string& release) const {
    if (!answers_.sums) return std::nullopt;
    std::map<std::string, std::string> sums;
    for (const auto& entry : entries) {
      if (entry.type != 'f' && entry.type != 'x') continue;
      const auto sum = answers_.sums->find(release + '/' + entry.name);
      if (sum == answers_.sums->end()) return std::nullopt;
      sums[entry.name] = sum->second;
    }
    return sums;
  }

  /// The digest from an earlier run, when all that tells of a change is as it was.
  [[nodiscard]] static std::optional<std::string> remembered(std::string_view memory,
                                                             std::string_view listing) {
    const auto space = memory.find(' ');
    if (space == std::string_view::npos || memory.substr(0, space) != listing) return std::nullopt;
    return std::string(memory.substr(space + 1));
  }

  void describe_leaving(Finding& finding, const Declaration& declaration, const Stat& seen) const {
    const auto* stat = std::get_if<PathStat>(&seen);
    if (!answers_.releases) {
      finding.observation = Unknown{"the host did not say which releases there are"};
      return;
    }
    std::string releases;
    for (const auto& release : *answers_.releases)
      if (folder_of(release) == releases_of(declaration.name) && is_release_name(base_of(release)))
        releases += release + '\n';
    std::optional<std::string> live;
    if (stat != nullptr) {
      live = live_release(finding, declaration.name, *stat);
      if (!live) return;
    }
    if (stat == nullptr && releases.empty()) {
      finding.observation = Absent{};
      finding.fingerprint = "absent";
      return;
    }
    finding.observation = Present{{{"release", live ? base_of(*live) : "none"}}};
    if (live && answers_.releases->contains(*live)) finding.before_images = {BeforeImage{*live, 0}};
    finding.fingerprint = sha256_hex(finding.fingerprint + '\n' + releases);
    if (answers_.holders) finding.obstacle = answers_.holders->pending(declaration.name);
  }

  static bool differs(const Declaration& declaration, const Finding& finding) {
    const auto* present = std::get_if<Present>(&finding.observation);
    if (present == nullptr) return std::holds_alternative<Absent>(finding.observation);
    return std::ranges::any_of(declaration.attributes, [&](const auto& entry) {
      const auto* seen = present->attributes.find(entry.first);
      return seen == nullptr || *seen != entry.second;
    });
  }

  /// The path of its live release, when that was listed.
  [[nodiscard]] std::optional<std::string> listed_release(const Declaration& declaration) const {
    const auto link = answers_.links.find(declaration.name);
    if (link == answers_.links.end()) return std::nullopt;
    auto release = release_behind(declaration.name, link->second);
    if (!release || !answers_.contents_complete || !answers_.contents.contains(*release)) return std::nullopt;
    return release;
  }

  /// What the first answers leave open.
  struct Open {
    Words users{"passwd"};
    Words groups{"group"};
    Words folders, releases, holders;
  };

  void add_open(Open& open, const Subject& subject, const Finding& finding) const {
    const auto& declaration = *subject.declaration;
    if (subject.leaving || former_release(declaration) != nullptr) {
      const bool there = std::holds_alternative<Present>(finding.observation);
      if (there && (subject.leaving || differs(declaration, finding)))
        open.holders.push_back(declaration.name);
      return;
    }
    const auto release = listed_release(declaration);
    const bool unread = release && std::holds_alternative<Unknown>(finding.observation);
    if (!unread && !differs(declaration, finding)) return;
    add_account(open.users, declaration.attributes.text("owner"));
    add_account(open.groups, declaration.attributes.text("group"));
    if (const auto folder = folder_of(declaration.name); !holds(open.folders, folder))
      open.folders.push_back(folder);
    if (release && (unread || options_.details)) open.releases.push_back(*release);
    if (release && options_.details) open.holders.push_back(declaration.name);
  }

  [[nodiscard]] std::optional<Probe> question(const Reading& reading) const {
    Open open;
    for (std::size_t i = 0; i < subjects_.size(); ++i) add_open(open, subjects_[i], reading.findings[i]);
    std::vector<Script> scripts;
    if (!open.releases.empty())
      scripts.push_back(script_for(files_tree_probe_sh, "tree_sums", open.releases));
    if (open.users.size() > 1) scripts.push_back(script_for(files_probe_sh, "files_accounts", open.users));
    if (open.groups.size() > 1) scripts.push_back(script_for(files_probe_sh, "files_accounts", open.groups));
    if (!open.folders.empty()) scripts.push_back(script_for(files_probe_sh, "files_space", open.folders));
    if (!open.holders.empty()) scripts.push_back(Holders::question(open.holders));
    if (scripts.empty()) return std::nullopt;
    return between_labels(std::move(scripts), open.releases.empty() ? first_limit : content_limit);
  }

  static void add_account(Words& names, std::string_view name) {
    if (needs_account(name) && !holds(names, name)) names.emplace_back(name);
  }

  /// Old and new release lie side by side.
  void add_space_obstacles(Reading& reading) const {
    std::map<std::string, std::uint64_t> needed;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      auto& finding = reading.findings[i];
      const auto folder = folder_of(subjects_[i].declaration->name);
      const auto space = answers_.files.spaces.find(folder);
      if (subjects_[i].leaving || space == answers_.files.spaces.end() || finding.obstacle) continue;
      auto& sum = needed[space->second.filesystem];
      if (sum + finding.bytes_to_send > space->second.free)
        finding.obstacle =
            Obstacle{fmt::format("it needs {} in {}, where {} are free", human_bytes(finding.bytes_to_send),
                                 shown(folder), human_bytes(space->second.free - sum)),
                     {}};
      else
        sum += finding.bytes_to_send;
    }
  }

  std::span<const Subject> subjects_;
  const ProbeOptions& options_;
  bool asked_;  ///< the question of the first reading was put
  TreeAnswers answers_;
};

}  // namespace

std::optional<Probe> first_tree_probe(std::span<const Subject> subjects) {
  if (subjects.empty()) return std::nullopt;
  Words all;
  Words declared;
  for (const auto& subject : subjects) {
    all.push_back(subject.declaration->name);
    if (tree_of(*subject.declaration) != nullptr) declared.push_back(subject.declaration->name);
  }
  std::vector<Script> scripts{script_for(files_probe_sh, "files_stat", stat_paths(subjects)),
                              script_for(files_tree_probe_sh, "tree_links", all)};
  if (!declared.empty()) scripts.push_back(script_for(files_tree_probe_sh, "tree_content", declared));
  return between_labels(std::move(scripts), first_limit);
}

Reading read_trees(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                   const ProbeOptions& options) {
  return TreeReaderOfHost(subjects, answers, options).read();
}

}  // namespace tidelock::files
