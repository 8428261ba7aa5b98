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
constexpr std::string_view senseless = "the host's answer makes no sense";

/// Attributes of a node whose change Slurm answers by draining it, or by killing what runs there.
constexpr std::array<std::string_view, 11> hardware{
    "boards",         "core_spec_count", "cores_per_socket", "cpu_spec_list",   "cpus", "devices", "gres",
    "mem_spec_limit", "memory",          "sockets",          "threads_per_core"};

std::vector<std::string> differing(const Declaration& declaration, const Attributes& seen) {
  std::vector<std::string> names;
  for (const auto& [name, wanted] : declaration.attributes) {
    const auto* value = seen.find(name);
    if (!declaration.ignore.contains(name) && (value == nullptr || *value != wanted)) names.push_back(name);
  }
  return names;
}

/// The files themselves are of the first controller, and of whoever was it before.
bool asks_texts(std::span<const Subject> subjects) {
  return std::ranges::any_of(subjects, [](const Subject& subject) {
    const auto& declaration = *subject.declaration;
    const auto* plan = files_plan(declaration);
    return is_conf_kind(declaration.kind) &&
           (declaration.kind != files_kind || (plan != nullptr && plan->lead));
  });
}

bool is_digest(std::string_view text) {
  constexpr std::size_t length = 64;
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

ConfReader::ConfReader(std::span<const Subject> subjects, const Answers& answers,
                       const ControllerBook& controller, const ProbeOptions& options)
    : subjects_(subjects), controller_(controller), options_(options) {
  for (const auto& declaration : options_.declared) declared_.emplace(declaration->kind, declaration->name);
  // What nobody asked for says nothing: other hosts have no say in what the configuration is.
  if (asks_texts(subjects)) read_texts(answers.first("configuration"));
  read_digests(answers.first("conf digests"));
  read_jobs();
}

void ConfReader::read_texts(std::span<const std::string> records) {
  constexpr std::size_t head = 2;
  constexpr std::size_t step = 3;
  if (records.empty()) return;
  conf_ = std::make_shared<ConfSeen>();
  if (records.size() < head || (records.size() - head) % step != 0) {
    fault_ = senseless;
    return;
  }
  owed_ = records[1] == "owed";
  std::set<std::string, std::less<>> told;
  for (auto file = records.subspan(head); !file.empty() && fault_.empty(); file = file.subspan(step)) {
    told.insert(file[0]);
    read_text(file[0], file[1], file[2]);
  }
  if (fault_.empty() && !(told.contains(slurm_conf) && told.contains(gres_conf))) fault_ = senseless;
  if (!fault_.empty()) return;
  std::string all;
  for (const auto& [path, text] : conf_->texts) all += fmt::format("{} {}\n", path, sha256_hex(text));
  fingerprint_ = sha256_hex(all);
  conf_->files = ConfigurationFiles::parse(conf_->texts);
  fault_ = conf_->files.unreadable_nodes();
  conf_->version = controller_.setting("SLURM_VERSION");
}

void ConfReader::read_text(const std::string& path, std::string_view state, const std::string& text) {
  if (state == "file" && text.size() > max_configuration_text)
    fault_ = fmt::format("{} is too long for a configuration", shown(path));
  else if (state == "file")
    conf_->texts[path] = text;
  else if (state == "unreadable")
    fault_ = fmt::format("{} cannot be read", shown(path));
  else if (state == "too many")
    fault_ = "the configuration includes too many files";
  else if (state != "absent")
    fault_ = senseless;
}

void ConfReader::read_digests(std::span<const std::string> records) {
  constexpr std::size_t digest = 64;
  if (records.size() < 2 || (records[1] != "present" && records[1] != "absent")) return;
  folder_ = records[1] == "present";
  for (const auto& record : records.subspan(2)) {
    if (record.size() <= digest + 2 || !is_digest(std::string_view(record).substr(0, digest))) return;
    digests_[record.substr(digest + 2)] = record.substr(0, digest);
  }
  folder_known_ = true;
}

/// A job whose nodes cannot be told may be on any of them.
void ConfReader::read_jobs() {
  if (!controller_.jobs()) return;
  for (const auto& job : *controller_.jobs()) {
    for (const auto name : split(job.partition, ',')) of_partition_[std::string(name)].push_back(&job);
    if (job.nodes.empty()) continue;
    const auto nodes = expand_node_names(job.nodes);
    if (!nodes) anywhere_.push_back(&job);
    for (const auto& name : nodes ? *nodes : std::vector<std::string>()) of_node_[name].push_back(&job);
  }
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
    const auto* const word = declaration.kind == partition_kind ? "in this partition" : "on this node";
    finding.disturbs.push_back({Disturbance::Kind::job, "job " + printable(job->id), word});
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
    if (const auto name = below_conf_folder(path); !name.empty()) attributes.set(name, "sha256:" + digest);
  }
  finding.fingerprint = sha256_hex(all + (owed_ ? "owed" : ""));
  if (lead) finding.payload = conf_;
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
  const bool node = declaration.kind == node_kind;
  const auto& known = node ? of_node_ : of_partition_;
  std::vector<const Job*> jobs;
  if (const auto found = known.find(declaration.name); found != known.end()) jobs = found->second;
  if (node) jobs.insert(jobs.end(), anywhere_.begin(), anywhere_.end());
  if (running_only) std::erase_if(jobs, [](const Job* job) { return !job->running; });
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
  return declared_.contains({kind, name});
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
    if (!declares(partition_kind, name)) extras.emplace_back(std::string(partition_kind), name, Attributes{});
  for (const auto& name : conf_->files.nodes())
    if (!declares(node_kind, name)) extras.emplace_back(std::string(node_kind), name, Attributes{});
  return extras;
}

void ask_conf(Probe& probe, std::span<const Subject> subjects) {
  const bool texts = asks_texts(subjects);
  const bool digests = std::ranges::any_of(
      subjects, [](const Subject& subject) { return subject.declaration->kind == files_kind; });
  if (texts) probe.scripts.push_back(Script(embedded::slurm_conf_sh, "slurm_conf_texts"));
  if (digests) probe.scripts.push_back(Script(embedded::slurm_conf_sh, "slurm_conf_digests"));
}

}  // namespace tidelock::slurm
