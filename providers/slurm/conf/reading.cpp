#include "providers/slurm/conf/reading.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/conf.sh.hpp"
#include "providers/slurm/configuration/node_lines.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::size_t most_named = 20;

/// Attributes of a node whose change Slurm answers by draining it, or by killing what runs there.
constexpr std::array<std::string_view, 11> hardware{
    "boards",         "core_spec_count", "cores_per_socket", "cpu_spec_list",   "cpus", "devices", "gres",
    "mem_spec_limit", "memory",          "sockets",          "threads_per_core"};

std::string job_in_words(const Job& job) {
  return fmt::format("job {} ({}, {})", printable(job.id), job.running ? "running" : "pending",
                     printable(job.user));
}

std::vector<std::string> differing(const Declaration& declaration, const Attributes& seen) {
  std::vector<std::string> names;
  for (const auto& [name, wanted] : declaration.attributes) {
    const auto* value = seen.find(name);
    if (!declaration.ignore.contains(name) && (value == nullptr || *value != wanted)) names.push_back(name);
  }
  return names;
}

/// "slurm.conf", of "/etc/slurm/slurm.conf".
std::string_view below_folder(std::string_view path) {
  return path.starts_with(conf_folder) && path.size() > conf_folder.size()
             ? path.substr(conf_folder.size() + 1)
             : std::string_view{};
}

}  // namespace

ConfReader::ConfReader(std::span<const Subject> subjects, const Answers& answers,
                       const ControllerBook& controller, const ProbeOptions& options)
    : subjects_(subjects), controller_(controller), options_(options) {
  read_texts(answers.first("configuration"));
  read_digests(answers.first("conf digests"));
}

void ConfReader::read_texts(std::span<const std::string> records) {
  constexpr std::size_t head = 2, step = 3;
  if (records.empty()) return;
  conf_ = std::make_shared<ConfSeen>();
  if (records.size() < head || (records.size() - head) % step != 0) {
    fault_ = "the host's answer makes no sense";
    return;
  }
  owed_ = records[1] == "owed";
  for (std::size_t i = head; i + 2 < records.size(); i += step) {
    if (records[i + 1] == "file") conf_->texts[records[i]] = records[i + 2];
    if (records[i + 1] == "unreadable" && fault_.empty())
      fault_ = fmt::format("{} cannot be read", shown(records[i]));
    if (records[i + 2].size() > max_configuration_text)
      fault_ = fmt::format("{} is too long for a configuration", shown(records[i]));
  }
  std::string all;
  for (const auto& [path, text] : conf_->texts) all += fmt::format("{} {}\n", path, sha256_hex(text));
  fingerprint_ = sha256_hex(all);
  conf_->files = ConfigurationFiles::parse(conf_->texts);
  conf_->version = controller_.setting("SLURM_VERSION");
  conf_->nodes = controller_.nodes();
}

void ConfReader::read_digests(std::span<const std::string> records) {
  constexpr std::size_t digest = 64;
  if (records.size() < 2) return;
  folder_known_ = true;
  folder_ = records[1] == "present";
  for (const auto& record : records.subspan(2))
    if (record.size() > digest + 2) digests_[record.substr(digest + 2)] = record.substr(0, digest);
}

std::optional<Attributes> ConfReader::seen(const Declaration& declaration) const {
  if (declaration.kind == partition_kind) return conf_->files.partition(declaration.name);
  if (declaration.kind == node_kind) return conf_->files.node(declaration.name);
  auto values = conf_->files.values(declaration.name);
  if (values.empty()) return std::nullopt;
  return Attributes{{std::string(parameter_value), std::move(values)}};
}

Finding ConfReader::finding(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  if (declaration.kind == files_kind) return files_finding(subject);
  Finding finding;
  if (conf_ == nullptr || !fault_.empty()) {
    finding.observation = Unknown{conf_ == nullptr ? "the host could not say what is there" : fault_};
    return finding;
  }
  finding.fingerprint = fingerprint_;
  finding.payload = conf_;
  const auto attributes = seen(declaration);
  if (!attributes) {
    finding.observation = Absent{};
    return finding;
  }
  finding.observation = Present{*attributes};
  if (!feels_jobs(subject)) return finding;
  finding.obstacle = held(subject);
  for (const auto* job : jobs_of(declaration, false)) {
    if (finding.disturbs.size() == most_named) {
      finding.disturbs.push_back({Disturbance::Kind::other, "", "and more jobs"});
      break;
    }
    const auto word = declaration.kind == partition_kind ? "of this partition" : "on this node";
    finding.disturbs.push_back(
        {Disturbance::Kind::job, "job " + printable(job->id), fmt::format("is {}", word)});
  }
  return finding;
}

Finding ConfReader::files_finding(const Subject& subject) const {
  const auto* plan = files_plan(*subject.declaration);
  const bool lead = plan != nullptr && plan->lead;
  Finding finding;
  if (!folder_known_ || (lead && !fault_.empty())) {
    finding.observation = Unknown{fault_.empty() ? "the host could not say what is there" : fault_};
    return finding;
  }
  std::string all;
  Attributes attributes;
  for (const auto& [path, digest] : digests_) {
    all += fmt::format("{} {}\n", path, digest);
    attributes.set(below_folder(path), "sha256:" + digest);
  }
  finding.fingerprint = sha256_hex(all + (owed_ ? "owed" : ""));
  finding.payload = conf_;
  if (!folder_) {
    finding.observation = Absent{};
    return finding;
  }
  const auto hash = controller_.setting("HASH_VAL");
  if (lead) attributes.set(files_loaded, !owed_ && (hash.empty() || hash == "Match"));
  finding.observation = Present{std::move(attributes)};
  return finding;
}

bool ConfReader::differs(const Subject& subject) const {
  const auto attributes = seen(*subject.declaration);
  return attributes && !differing(*subject.declaration, *attributes).empty();
}

/// Whether jobs would feel the change.
bool ConfReader::feels_jobs(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  if (declaration.kind != partition_kind && declaration.kind != node_kind) return false;
  return subject.leaving ? !subject.stays && seen(declaration).has_value() : differs(subject);
}

bool ConfReader::needs_jobs() const {
  return conf_ != nullptr && fault_.empty() &&
         std::ranges::any_of(subjects_, [&](const Subject& subject) { return feels_jobs(subject); });
}

std::vector<const Job*> ConfReader::jobs_of(const Declaration& declaration, bool running_only) const {
  std::vector<const Job*> jobs;
  if (!controller_.jobs()) return jobs;
  for (const auto& job : *controller_.jobs()) {
    if (running_only && !job.running) continue;
    const auto nodes =
        declaration.kind == node_kind ? expand_node_names(job.nodes) : Result<std::vector<std::string>>();
    const bool meant = declaration.kind == partition_kind
                           ? std::ranges::any_of(split(job.partition, ','),
                                                 [&](auto name) { return name == declaration.name; })
                           : nodes && holds(*nodes, declaration.name);
    if (meant) jobs.push_back(&job);
  }
  return jobs;
}

/// What leaves waits for its jobs, and so does what a node is made of.
std::optional<Obstacle> ConfReader::held(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  bool waits = subject.leaving;
  if (!waits && declaration.kind == node_kind)
    for (const auto& name : differing(declaration, *seen(declaration)))
      waits = waits || holds(hardware, std::string_view(name));
  if (!waits) return std::nullopt;
  // Where slurmctld never ran there are no jobs; where it runs and does not answer, there may be.
  if (!controller_.jobs())
    return Obstacle{fmt::format("whether jobs use it cannot be seen: {}", controller_.jobs_fault().empty()
                                                                              ? "slurmctld does not answer"
                                                                              : controller_.jobs_fault()),
                    {}};
  const auto jobs = jobs_of(declaration, declaration.kind == node_kind);
  if (jobs.empty()) return std::nullopt;
  std::vector<std::string> names;
  for (const auto* job : jobs)
    if (names.size() < 5) names.push_back(job_in_words(*job));
  const auto more = jobs.size() - names.size();
  return Obstacle{
      fmt::format("pending until {}{}", join(names, ", "),
                  more > 0 ? fmt::format(" and {} more end", more) : (jobs.size() == 1 ? " ends" : " end")),
      {}};
}

bool ConfReader::declares(std::string_view kind, const std::string& name) const {
  return std::ranges::any_of(options_.declared, [&](const DeclarationPtr& declaration) {
    return declaration->kind == kind && declaration->name == name;
  });
}

std::vector<std::string> ConfReader::remarks() const {
  std::vector<std::string> remarks;
  if (conf_ == nullptr || !fault_.empty()) return remarks;
  for (const auto& node : controller_.nodes()) {
    const std::string name(word_of(node, "NodeName"));
    const auto state = word_of(node, "State");
    const auto reason = word_of(node, "Reason");
    if (state.contains("DRAIN") && declares(node_kind, name))
      remarks.push_back(fmt::format("Slurm node {} is drained{}, and stays so.", shown(name),
                                    reason.empty() ? "" : fmt::format(" ({})", printable(reason))));
  }
  for (const auto& partition : controller_.partitions()) {
    const std::string name(word_of(partition, "PartitionName"));
    const auto file = conf_->files.partition(name);
    const auto state = lower_case(word_of(partition, "State"));
    if (declares(partition_kind, name) && file && !state.empty() && file->text("state") != state)
      remarks.push_back(fmt::format(
          "Partition {} is {} now, which somebody set with scontrol, and stays so until slurmctld "
          "starts again.",
          shown(name), printable(state)));
  }
  return remarks;
}

std::vector<Extra> ConfReader::extras() const {
  std::vector<Extra> extras;
  if (conf_ == nullptr || !fault_.empty()) return extras;
  for (const auto& name : conf_->files.partitions())
    if (!declares(partition_kind, name)) extras.push_back({std::string(partition_kind), name, {}});
  for (const auto& name : conf_->files.nodes())
    if (!declares(node_kind, name)) extras.push_back({std::string(node_kind), name, {}});
  return extras;
}

void ask_conf(Probe& probe, std::span<const Subject> subjects) {
  bool texts = false, digests = false;
  for (const auto& subject : subjects) {
    const auto& declaration = *subject.declaration;
    if (!is_conf_kind(declaration.kind)) continue;
    const auto* plan = files_plan(declaration);
    texts = texts || declaration.kind != files_kind || (plan != nullptr && plan->lead);
    digests = digests || declaration.kind == files_kind;
  }
  if (texts) probe.scripts.push_back(Script(embedded::slurm_conf_sh, "slurm_conf_texts"));
  if (digests) probe.scripts.push_back(Script(embedded::slurm_conf_sh, "slurm_conf_digests"));
}

}  // namespace tidelock::slurm
