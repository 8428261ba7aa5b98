#include "providers/slurm/templates/reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/line_diff.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/controller.sh.hpp"
#include "providers/slurm/sacctmgr.sh.hpp"

namespace tidelock::slurm {
namespace {

/// "jobs/x.sh:5:11: Memory is more than any node has: …".
std::string in_one_line(const Diagnostic& diagnostic) {
  auto text = fmt::format("{}: {}", to_string(diagnostic.at), diagnostic.summary);
  if (!diagnostic.detail.empty()) text += ": " + diagnostic.detail;
  std::ranges::replace(text, '\n', ' ');
  return text;
}

bool same(const Diagnostic& a, const Diagnostic& b) {
  return a.at.file == b.at.file && a.at.line == b.at.line && a.at.column == b.at.column &&
         a.summary == b.summary && a.detail == b.detail;
}

}  // namespace

TemplateReader::TemplateReader(std::span<const Subject> subjects, const Answers& answers, ClusterFacts facts,
                               const ProbeOptions& options)
    : subjects_(subjects), options_(options) {
  read(answers.first("templates"));
  const auto texts = answers.second("texts");
  for (std::size_t i = 1; i + 1 < texts.size(); i += 2) texts_[texts[i]] = texts[i + 1];
  check(std::move(facts));
}

void TemplateReader::read(std::span<const std::string> records) {
  const auto digests = std::ranges::find(records, "digests");
  for (auto it = records.begin() + (records.empty() ? 0 : 1); it < digests && it + 1 < digests; it += 2) {
    auto& seen = seen_[*it];
    const auto words = split(it[1], '|');
    seen.absent = it[1] == "absent";
    if (words.size() != 5) continue;
    seen.type = words[0];
    seen.owner = words[1];
    seen.group = words[2];
    seen.mode = fmt::format("{:0>4}", words[3]);
    seen.links = words[4];
  }
  constexpr std::size_t digest = 64;
  for (auto it = digests; it != records.end(); ++it)
    if (it->size() > digest + 2) seen_[it->substr(digest + 2)].sha256 = it->substr(0, digest);
}

/// What is wrong whatever the cluster was said when the manifest was read.
void TemplateReader::check(ClusterFacts facts) {
  std::shared_ptr<const TemplateSet> set;
  for (const auto& subject : subjects_)
    if (const auto* plan = plan_of(*subject.declaration); plan != nullptr && plan->set != nullptr)
      set = plan->set;
  if (set == nullptr) return;
  facts.images = set->images;
  const auto known = check_jobs(set->templates, ClusterFacts{});
  const auto all = check_jobs(set->templates, facts);
  for (const auto& diagnostic : all.list()) {
    if (std::ranges::any_of(known.list(), [&](const Diagnostic& other) { return same(diagnostic, other); }))
      continue;
    if (diagnostic.severity == Severity::warning) remarks_.push_back(in_one_line(diagnostic) + ".");
    for (const auto& one : set->templates)
      if (diagnostic.severity != Severity::warning && one.script.file == diagnostic.at.file)
        problems_[one.name].push_back(in_one_line(diagnostic));
  }
}

Finding TemplateReader::finding(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  Finding finding;
  const auto found = seen_.find(declaration.name);
  if (found == seen_.end()) {
    finding.observation = Unknown{"the host could not say what is there"};
    return finding;
  }
  const auto& seen = found->second;
  finding.fingerprint = sha256_hex(
      seen.absent ? "absent"
                  : join(std::vector{seen.type, seen.owner, seen.group, seen.mode, seen.sha256}, "|"));
  finding.observation = observe(declaration, seen);
  if (!seen.absent && seen.type != "regular file" && seen.type != "regular empty file")
    finding.obstacle =
        Obstacle{fmt::format("a {} is in the way; move it away by hand", printable(seen.type)), {}};
  else if (!seen.absent && seen.links != "1")
    finding.obstacle = Obstacle{"it has other names (hard links), which would keep the old content", {}};
  if (!seen.absent) finding.before_images.push_back({declaration.name, 0});
  if (subject.leaving) return finding;
  if (const auto wrong = problems_.find(declaration.name); wrong != problems_.end())
    finding.obstacle = Obstacle{join(wrong->second, "\n"), {}};
  compare_texts(declaration, finding);
  return finding;
}

Observation TemplateReader::observe(const Declaration& declaration, const Seen& seen) const {
  if (seen.absent) return Absent{};
  Attributes attributes{
      {"source", "sha256:" + seen.sha256}, {"owner", seen.owner}, {"group", seen.group}, {"mode", seen.mode}};
  attributes.set(template_fits, !problems_.contains(declaration.name));
  return Present{std::move(attributes)};
}

void TemplateReader::compare_texts(const Declaration& declaration, Finding& finding) const {
  const auto text = texts_.find(declaration.name);
  const auto* plan = plan_of(declaration);
  if (text != texts_.end() && plan != nullptr && is_utf8(text->second) && is_utf8(plan->bytes))
    finding.text_diff = unified_diff(text->second, plan->bytes);
}

void TemplateReader::ask_texts(Probe& question, std::span<const Finding> findings) const {
  Script script(embedded::slurm_controller_sh, "slurm_texts");
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    const auto& declaration = *subjects_[i].declaration;
    if (!options_.details || subjects_[i].leaving || !is_template(declaration)) continue;
    const auto* present = std::get_if<Present>(&findings[i].observation);
    const auto* plan = plan_of(declaration);
    if (present == nullptr || plan == nullptr) continue;
    if (present->attributes.text("source") != "sha256:" + plan->sha256) script.argument(declaration.name);
  }
  if (!script.arguments().empty()) question.scripts.push_back(std::move(script));
}

void ask_templates(Probe& probe, std::span<const Subject> subjects) {
  Script script(embedded::slurm_controller_sh, "slurm_templates");
  for (const auto& subject : subjects)
    if (is_template(*subject.declaration)) script.argument(subject.declaration->name);
  if (!script.arguments().empty())
    probe.scripts.push_back(std::move(script).with(embedded::slurm_sacctmgr_sh));
}

}  // namespace tidelock::slurm
