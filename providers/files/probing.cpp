#include "providers/files/probing.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/line_diff.hpp"
#include "engine/base/text.hpp"
#include "providers/files/accounts.hpp"
#include "providers/files/answers.hpp"
#include "providers/files/leaving.hpp"
#include "providers/files/payload.hpp"
#include "providers/files/probe.sh.hpp"

namespace tidelock::files {
namespace {

using embedded::files_probe_sh;

/// One command line takes about 2 MB (ARG_MAX); this much is always safe.
constexpr std::size_t chunk_bytes = 500'000;
constexpr std::uint64_t text_limit = 64'000;
constexpr std::chrono::seconds first_limit{30};
constexpr std::chrono::seconds digest_limit{1800};  // some GB from a slow disk

using Words = std::vector<std::string>;

std::vector<Words> in_chunks(const Words& words) {
  std::vector<Words> chunks;
  std::size_t room = 0;
  for (const auto& word : words) {
    if (chunks.empty() || word.size() + 1 > room) {
      chunks.emplace_back();
      room = chunk_bytes;
    }
    room -= std::min(room, word.size() + 1);
    chunks.back().push_back(word);
  }
  return chunks;
}

void add_scripts(Probe& probe, ShellText function, const Words& words, const Words& first = {}) {
  for (const auto& chunk : in_chunks(words)) {
    Script script(files_probe_sh, function);
    for (const auto& word : first) script.argument(word);
    for (const auto& word : chunk) script.argument(word);
    probe.scripts.push_back(std::move(script));
  }
}

Words paths_of(std::span<const Subject> subjects) {
  Words paths;
  for (const auto& subject : subjects) paths.push_back(*subject.declaration->path);
  return paths;
}

bool is_kind(const Subject& subject, std::string_view kind) { return subject.declaration->kind == kind; }

std::string folder_of(std::string_view path) {
  const auto slash = path.find_last_of('/');
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

Words image_folders(std::span<const Subject> subjects) {
  std::set<std::string> folders;
  for (const auto& subject : subjects)
    if (is_kind(subject, "image")) folders.insert(folder_of(*subject.declaration->path));
  return {folders.begin(), folders.end()};
}

/// What an image's digest is remembered with: while all of these are the same, so are its bytes.
std::string identity(const PathStat& stat) {
  return fmt::format("{} {} {} {} {}", stat.device, stat.inode, stat.size, stat.modified, stat.changed);
}

/// The digest from an earlier run, when it still holds.
std::optional<std::string> remembered(std::string_view memory, const PathStat& stat) {
  const auto space = memory.rfind(' ');
  if (space == std::string_view::npos || memory.substr(0, space) != identity(stat)) return std::nullopt;
  return std::string(memory.substr(space + 1));
}

class Reader {
 public:
  Reader(std::span<const Subject> subjects, std::span<const ProbeOutput> outputs, const ProbeOptions& options,
         const std::set<std::string, std::less<>>& others_going)
      : subjects_(subjects),
        others_going_(others_going),
        options_(options),
        chunks_(in_chunks(paths_of(subjects))),
        asked_(outputs.size() > 1) {
    first_ = parse_answers(outputs.first(std::min<std::size_t>(outputs.size(), 1)), chunks_);
    all_ = asked_ ? parse_answers(outputs, chunks_) : first_;
  }

  Reading read() && {
    Reading reading;
    for (const auto& subject : subjects_) reading.findings.push_back(finding(subject));
    add_texts(reading);
    add_space_obstacles(reading);
    reading.extras = extras();
    if (!asked_) reading.question = question(reading);
    return reading;
  }

 private:
  [[nodiscard]] Finding finding(const Subject& subject) const {
    Finding finding;
    const auto& declaration = *subject.declaration;
    const auto seen = all_.paths.find(*declaration.path);
    if (seen == all_.paths.end()) {
      finding.observation = Unknown{"the host gave no answer about it"};
    } else if (const auto* unknown = std::get_if<Unknown>(&seen->second)) {
      finding.observation = *unknown;
    } else if (const auto* stat = std::get_if<PathStat>(&seen->second)) {
      if (subject.leaving)
        LeavingReader(subjects_, all_, others_going_)
            .describe(finding, subject, *stat, digest_of(subject, *stat));
      else
        describe(finding, subject, *stat);
    } else if (!subject.leaving) {
      finding.observation = Absent{};
      finding.fingerprint = "absent";
      finding.bytes_to_send = size_of(declaration);
      finding.obstacle = std::holds_alternative<BehindNoDirectory>(seen->second)
                             ? Obstacle{"one of its parents is no directory; move that away by hand", {}}
                             : missing_account(declaration, nullptr, all_.users, all_.groups);
    }
    return finding;
  }

  static std::uint64_t size_of(const Declaration& declaration) {
    const auto* content = content_of(declaration);
    return content == nullptr ? 0 : content->size;
  }

  void describe(Finding& finding, const Subject& subject, const PathStat& stat) const {
    const auto& declaration = *subject.declaration;
    Attributes seen{{"owner", account(declaration.attributes, "owner", stat.user, stat.uid)},
                    {"group", account(declaration.attributes, "group", stat.group, stat.gid)},
                    {"mode", stat.permissions()}};
    finding.obstacle = wrong_type(declaration, stat);
    if (declaration.implied && stat.is_symlink()) finding.obstacle.reset();  // a link to a directory will do
    if (finding.obstacle && declaration.implied) {                           // what is to be there is not
      finding.observation = Absent{};
      finding.fingerprint = fingerprint(subject, stat);
      return;
    }
    if (finding.obstacle) seen = {{"type", std::string(stat.type_name())}};
    if (!finding.obstacle && content_of(declaration) != nullptr && !add_digest(finding, seen, subject, stat))
      return;
    finding.fingerprint = fingerprint(subject, stat);
    finding.observation = Present{std::move(seen)};
    if (!finding.obstacle)
      finding.obstacle =
          missing_account(declaration, std::get_if<Present>(&finding.observation), all_.users, all_.groups);
    if (!finding.obstacle && stat.is_regular() && differs(declaration, finding))
      finding.obstacle = other_names(stat, finding.bytes_to_send > 0);
  }

  /// The links by which our own history keeps it do not count.
  [[nodiscard]] std::optional<Obstacle> other_names(const PathStat& stat, bool content) const {
    const auto links = stat.links - std::min<std::uint64_t>(stat.links, all_.kept.count(place_of(stat)));
    if (links <= 1) return std::nullopt;
    return Obstacle{fmt::format("it has {} hard links, and {}", links,
                                content ? "a new file would part them" : "all of them would change"),
                    {}};
  }

  static std::string place_of(const PathStat& stat) { return fmt::format("{} {}", stat.device, stat.inode); }

  /// Times stand for the bytes of a secret: its digest in a plan would let people try their guesses.
  [[nodiscard]] std::string fingerprint(const Subject& subject, const PathStat& stat) const {
    const auto* content = content_of(*subject.declaration);
    const bool secret = content != nullptr && content->secret;
    const auto bytes = secret ? fmt::format("{} {} {}", stat.size, stat.modified, stat.changed)
                              : digest_of(subject, stat).value_or("");
    return sha256_hex(
        fmt::format("{:o} {} {} {} {} {}", stat.mode, stat.device, stat.inode, stat.uid, stat.gid, bytes));
  }

  [[nodiscard]] std::optional<std::string> digest_of(const Subject& subject, const PathStat& stat) const {
    if (const auto fresh = all_.digests.find(*subject.declaration->path); fresh != all_.digests.end())
      return fresh->second;
    if (is_kind(subject, "image") && !options_.rehash) return remembered(subject.memory, stat);
    return std::nullopt;
  }

  /// False when the content's digest is not known: then nothing is known.
  bool add_digest(Finding& finding, Attributes& seen, const Subject& subject, const PathStat& stat) const {
    const auto& declaration = *subject.declaration;
    const auto digest = digest_of(subject, stat);
    if (!digest) {
      finding.observation = Unknown{"its content could not be read"};
      return false;
    }
    const auto& content = *content_of(declaration);
    if (is_kind(subject, "image")) {
      seen.set("sha256", *digest);
      finding.memory = identity(stat) + ' ' + *digest;
    } else {
      const auto* name = declaration.attributes.find("source") != nullptr ? "source" : "content";
      seen.set(name, content.secret ? Value(Hidden{*digest}) : "sha256:" + *digest);
    }
    if (*digest == content.sha256) return true;
    finding.bytes_to_send = content.size;
    finding.before_images = {{*declaration.path, stat.size}};
    if (all_.holders)
      finding.disturbs = all_.holders->disturbances(*declaration.path, "left with the old content");
    if (is_lost(content)) finding.obstacle = Obstacle{"its old content was not kept", {}};
    return true;
  }

  static bool differs(const Declaration& declaration, const Finding& finding) {
    if (std::holds_alternative<Absent>(finding.observation)) return true;
    const auto* present = std::get_if<Present>(&finding.observation);
    if (present == nullptr) return false;
    return std::ranges::any_of(declaration.attributes, [&](const auto& entry) {
      const auto* seen = present->attributes.find(entry.first);
      return !declaration.ignore.contains(entry.first) && (seen == nullptr || *seen != entry.second);
    });
  }

  [[nodiscard]] const PathStat* stat_of(const Subject& subject) const {
    const auto seen = first_.paths.find(*subject.declaration->path);
    return seen == first_.paths.end() ? nullptr : std::get_if<PathStat>(&seen->second);
  }

  [[nodiscard]] std::optional<Probe> question(const Reading& reading) const {
    Probe probe{.scripts = {}, .limit = first_limit};
    const auto images = unhashed_images();
    if (!images.empty()) probe.limit = digest_limit;
    add_scripts(probe, "files_digest", images);
    Words users;
    Words groups;
    Words folders;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      const auto& declaration = *subjects_[i].declaration;
      if (subjects_[i].leaving || !differs(declaration, reading.findings[i])) continue;
      add_account(users, declaration.attributes.text("owner"));
      add_account(groups, declaration.attributes.text("group"));
      if (is_kind(subjects_[i], "image")) add_once(folders, folder_of(*declaration.path));
    }
    for (const auto& image : images) add_once(folders, folder_of(image));
    if (!users.empty()) add_scripts(probe, "files_accounts", users, {"passwd"});
    if (!groups.empty()) add_scripts(probe, "files_accounts", groups, {"group"});
    if (const auto used = used_images(reading, images); !used.empty())
      probe.scripts.push_back(Holders::question(used));
    if (!folders.empty()) add_scripts(probe, "files_space", folders);
    add_leaving_questions(probe);
    if (links_matter(reading)) {
      Script kept(files_probe_sh, "files_kept");
      probe.scripts.push_back(std::move(kept));
    }
    if (options_.details) add_text_question(probe, reading);
    if (probe.scripts.empty()) return std::nullopt;
    return probe;
  }

  /// Those of which it matters who uses them. What has to be read first may prove to differ.
  [[nodiscard]] Words used_images(const Reading& reading, const Words& unhashed) const {
    Words used = options_.details ? unhashed : Words();
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      if (!is_kind(subjects_[i], "image") || stat_of(subjects_[i]) == nullptr) continue;
      const auto& path = *subjects_[i].declaration->path;
      const bool changes = options_.details && differs(*subjects_[i].declaration, reading.findings[i]);
      if (subjects_[i].leaving || changes) add_once(used, path);
    }
    return used;
  }

  /// What has to be read first may differ as well.
  [[nodiscard]] bool links_matter(const Reading& reading) const {
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      const auto* stat = stat_of(subjects_[i]);
      const auto& finding = reading.findings[i];
      if (stat != nullptr && stat->is_regular() && stat->links > 1 &&
          (std::holds_alternative<Unknown>(finding.observation) ||
           differs(*subjects_[i].declaration, finding)))
        return true;
    }
    return false;
  }

  void add_leaving_questions(Probe& probe) const {
    Words folders;
    for (const auto& subject : subjects_) {
      const auto* stat = stat_of(subject);
      if (!subject.leaving || stat == nullptr) continue;
      if (is_kind(subject, "directory") && stat->is_directory())
        folders.push_back(*subject.declaration->path);
    }
    if (!folders.empty()) add_scripts(probe, "files_entries", folders);
  }

  static void add_account(Words& names, std::string_view name) {
    if (needs_account(name)) add_once(names, std::string(name));
  }

  static void add_once(Words& words, std::string word) {
    if (!holds(words, word)) words.push_back(std::move(word));
  }

  [[nodiscard]] Words unhashed_images() const {
    Words images;
    for (const auto& subject : subjects_) {
      const auto* stat = stat_of(subject);
      if (is_kind(subject, "image") && stat != nullptr && stat->is_regular() && !digest_of(subject, *stat))
        images.push_back(*subject.declaration->path);
    }
    return images;
  }

  /// Files whose old text belongs into the plan, as places in `subjects_`; the same for the question and its
  /// answer.
  [[nodiscard]] std::vector<std::size_t> text_subjects(const Reading& reading) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      const auto* content = content_of(*subjects_[i].declaration);
      const auto* stat = stat_of(subjects_[i]);
      if (subjects_[i].leaving || !is_kind(subjects_[i], "file") || content == nullptr || content->secret ||
          !content->bytes)
        continue;
      if (stat == nullptr || !stat->is_regular() || stat->size > text_limit || content->size > text_limit)
        continue;
      const auto digest = first_.digests.find(*subjects_[i].declaration->path);
      if (digest != first_.digests.end() && digest->second != content->sha256 &&
          differs(*subjects_[i].declaration, reading.findings[i]))
        places.push_back(i);
    }
    return places;
  }

  void add_text_question(Probe& probe, const Reading& reading) const {
    const auto places = text_subjects(reading);
    if (places.empty()) return;
    Script script(files_probe_sh, "files_text");
    script.argument(fmt::to_string(text_limit));
    for (const auto place : places) script.argument(*subjects_[place].declaration->path);
    probe.scripts.push_back(std::move(script));
  }

  /// The texts arrive one behind the other; sizes cut them apart and digests prove that the cut is right.
  void add_texts(Reading& reading) const {
    if (!all_.text) return;
    std::string_view rest = *all_.text;
    for (const auto place : text_subjects(reading)) {
      const auto& subject = subjects_[place];
      const auto before = rest.substr(0, stat_of(subject)->size);
      rest.remove_prefix(before.size());
      if (sha256_hex(before) != first_.digests.find(*subject.declaration->path)->second) return;
      const auto& after = content_of(*subject.declaration)->bytes->reveal();
      const bool text = is_utf8(before) && is_utf8(after) && !before.contains('\0') && !after.contains('\0');
      if (text) reading.findings[place].text_diff = unified_diff(before, after);
    }
  }

  /// Old and new image lie side by side until the new one is complete.
  void add_space_obstacles(Reading& reading) const {
    std::map<std::string, std::uint64_t> needed;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
      const auto& declaration = *subjects_[i].declaration;
      auto& finding = reading.findings[i];
      const bool sends = is_kind(subjects_[i], "image") && finding.bytes_to_send > 0;
      const auto space = all_.spaces.find(folder_of(*declaration.path));
      if (!sends || space == all_.spaces.end() || finding.obstacle) continue;
      auto& sum = needed[space->second.filesystem];
      if (sum + finding.bytes_to_send > space->second.free)
        finding.obstacle =
            Obstacle{fmt::format("it needs {} in {}, where {} are free", human_bytes(finding.bytes_to_send),
                                 shown(folder_of(*declaration.path)), human_bytes(space->second.free - sum)),
                     {}};
      else
        sum += finding.bytes_to_send;
    }
  }

  [[nodiscard]] std::vector<Extra> extras() const {
    std::set<std::string_view> declared;
    for (const auto& subject : subjects_) declared.insert(*subject.declaration->path);
    std::vector<Extra> extras;
    for (const auto& image : first_.images)
      if (!declared.contains(image)) extras.push_back({"image", image, {}});
    return extras;
  }

  std::span<const Subject> subjects_;
  const std::set<std::string, std::less<>>& others_going_;
  const ProbeOptions& options_;
  std::vector<Words> chunks_;
  bool asked_;  ///< the question of the first reading was put
  FileAnswers first_;
  FileAnswers all_;
};

}  // namespace

std::optional<Probe> first_probe(std::span<const Subject> subjects) {
  Probe probe{.scripts = {}, .limit = first_limit};
  add_scripts(probe, "files_stat", paths_of(subjects));
  Words files;
  for (const auto& subject : subjects)
    if (is_kind(subject, "file")) files.push_back(*subject.declaration->path);
  add_scripts(probe, "files_digest", files);
  add_scripts(probe, "files_images", image_folders(subjects));
  if (probe.scripts.empty()) return std::nullopt;
  return probe;
}

Reading read_answers(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                     const ProbeOptions& options, const std::set<std::string, std::less<>>& others_going) {
  return Reader(subjects, answers, options, others_going).read();
}

}  // namespace tidelock::files
