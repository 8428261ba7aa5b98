#include "providers/slurm/conf/candidate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/line_diff.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock::slurm {
namespace {

/// What slurmctld only looks at when it starts (slurm.conf(5)).
constexpr std::array<std::string_view, 24> read_at_start{
    "AccountingStorageType", "AuthType",         "ClusterName",   "CredType",         "GresTypes",
    "JobCompType",           "JobSubmitPlugins", "MCSPlugin",     "MaxJobCount",      "MaxNodeCount",
    "PreemptType",           "PriorityType",     "ProctrackType", "SchedulerType",    "SelectType",
    "SelectTypeParameters",  "SlurmUser",        "SlurmctldHost", "SlurmctldPidFile", "SlurmctldPort",
    "StateSaveLocation",     "SwitchType",       "TaskPlugin",    "TopologyPlugin"};

/// The same of slurmd.
constexpr std::array<std::string_view, 16> slurmd_reads_at_start{"AcctGatherEnergyType",
                                                                 "AcctGatherFilesystemType",
                                                                 "AcctGatherInterconnectType",
                                                                 "AuthType",
                                                                 "CredType",
                                                                 "GresTypes",
                                                                 "JobAcctGatherType",
                                                                 "JobContainerType",
                                                                 "LaunchParameters",
                                                                 "ProctrackType",
                                                                 "SlurmdParameters",
                                                                 "SlurmdPidFile",
                                                                 "SlurmdPort",
                                                                 "SlurmdSpoolDir",
                                                                 "SwitchType",
                                                                 "TaskPlugin"};

/// From Slurm 23.11 on, reading the configuration again is starting again with the state kept.
bool starts_again_by_itself(std::string_view version) {
  int year = 0;
  int month = 0;
  const auto* const end = version.end();
  const auto first = std::from_chars(version.begin(), end, year);
  if (first.ec != std::errc{} || first.ptr == end) return false;
  std::from_chars(first.ptr + 1, end, month);
  return year > 23 || (year == 23 && month >= 11);
}

std::string why(const Error& error) {
  return error.detail.empty() ? error.summary : fmt::format("{}: {}", error.summary, error.detail);
}

/// slurm.conf(5), NodeName: what slurmd finds and slurmctld counts on.
constexpr std::array<std::string_view, 8> counted_on{
    "boards", "cores_per_socket", "cpus", "gres", "memory", "sockets", "tmp_disk", "threads_per_core"};

bool is_other_hardware(const Attributes& before, const Attributes& after) {
  return std::ranges::any_of(counted_on,
                             [&](std::string_view name) { return *before.find(name) != *after.find(name); });
}

std::map<std::string, std::int64_t> amounts_in(const Value& value) {
  std::map<std::string, std::int64_t> amounts;
  const auto* words = std::get_if<std::vector<std::string>>(&value);
  for (const auto& word : words == nullptr ? std::vector<std::string>() : *words)
    std::from_chars(word.data() + word.rfind(':') + 1, word.data() + word.size(),
                    amounts[word.substr(0, word.rfind(':'))]);
  return amounts;
}

std::int64_t amount_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  const auto size = size_type().parse({.text = text_of(value), .quoted = true});
  return size ? number_of(*size) : 0;
}

/// Whether something of a node becomes less.
bool shrinks(const Attributes& before, const Attributes& after) {
  const auto left = amounts_in(*after.find("gres"));
  const bool less_gres = std::ranges::any_of(amounts_in(*before.find("gres")), [&](const auto& amount) {
    const auto found = left.find(amount.first);
    return found == left.end() || found->second < amount.second;
  });
  return less_gres || std::ranges::any_of(counted_on, [&](std::string_view name) {
           return name != "gres" && amount_of(*after.find(name)) < amount_of(*before.find(name));
         });
}

bool is(const Sight& sight, std::string_view kind) { return sight.declaration->kind == kind; }

Candidate::Troubles all_of_them(const std::vector<std::size_t>& sights, const std::string& reason) {
  Candidate::Troubles troubles;
  for (const auto sight : sights) troubles.push_back({sight, reason});
  return troubles;
}

bool is_absent(const Sight& sight) { return std::holds_alternative<Absent>(sight.finding->observation); }

}  // namespace

Attributes lacking(const Sight& sight) {
  const auto& declaration = *sight.declaration;
  const auto* present = std::get_if<Present>(&sight.finding->observation);
  if (present == nullptr) return declaration.attributes;
  Attributes attributes;
  for (const auto& [name, wanted] : declaration.attributes) {
    const auto* seen = present->attributes.find(name);
    if (!declaration.ignore.contains(name) && (seen == nullptr || *seen != wanted))
      attributes.set(name, wanted);
  }
  return attributes;
}

Candidate::Troubles Candidate::make(std::span<const Sight* const> sights) {
  for (const auto edit :
       {&Candidate::set_parameters, &Candidate::set_nodes, &Candidate::set_partitions, &Candidate::remove})
    if (auto troubles = (this->*edit)(sights); !troubles.empty()) return troubles;
  return check(sights);
}

Candidate::Troubles Candidate::set_parameters(std::span<const Sight* const> sights) {
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const auto& sight = *sights[i];
    if (!is(sight, parameter_kind)) continue;
    const auto missing = lacking(sight);
    const auto* value = missing.find(parameter_value);
    std::vector<std::string> values;
    if (!sight.leaving) {
      const auto* wanted = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
      if (wanted == nullptr) continue;
      values = *wanted;
    }
    if (const auto done = files_.set_values(sight.declaration->name, values); !done)
      return {{i, why(done.error())}};
  }
  return {};
}

/// Nodes with the same change are changed together, so that a line that is for all of them stays one.
Candidate::Troubles Candidate::set_nodes(std::span<const Sight* const> sights) {
  struct Change {
    bool fresh;
    Attributes wanted;
    std::vector<std::string> names;
    std::vector<std::size_t> sights;
  };
  std::vector<Change> changes;
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const auto& sight = *sights[i];
    if (!is(sight, node_kind) || sight.leaving) continue;
    const auto wanted = lacking(sight);
    const bool fresh = is_absent(sight);
    if (wanted.empty() && !fresh) continue;
    auto same = std::ranges::find_if(
        changes, [&](const Change& change) { return change.fresh == fresh && change.wanted == wanted; });
    if (same == changes.end()) same = changes.insert(same, Change{fresh, wanted, {}, {}});
    same->names.push_back(sight.declaration->name);
    same->sights.push_back(i);
  }
  for (const auto& change : changes)
    if (const auto done = files_.set_nodes(change.names, change.wanted); !done)
      return all_of_them(change.sights, why(done.error()));
  return {};
}

Candidate::Troubles Candidate::set_partitions(std::span<const Sight* const> sights) {
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const auto& sight = *sights[i];
    if (!is(sight, partition_kind) || sight.leaving) continue;
    const auto wanted = lacking(sight);
    if (wanted.empty() && !is_absent(sight)) continue;
    if (const auto done = files_.set_partition(sight.declaration->name, wanted); !done)
      return {{i, why(done.error())}};
  }
  return {};
}

Candidate::Troubles Candidate::remove(std::span<const Sight* const> sights) {
  std::vector<std::string> nodes;
  std::vector<std::size_t> of_nodes;
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const auto& sight = *sights[i];
    if (!sight.leaving || is_absent(sight)) continue;
    if (is(sight, node_kind)) {
      nodes.push_back(sight.declaration->name);
      of_nodes.push_back(i);
    }
    if (!is(sight, partition_kind)) continue;
    if (const auto done = files_.remove_partition(sight.declaration->name); !done)
      return {{i, why(done.error())}};
  }
  if (nodes.empty()) return {};
  if (const auto done = files_.remove_nodes(nodes); !done) return all_of_them(of_nodes, why(done.error()));
  return {};
}

/// slurmctld ends itself over a partition with a node that no line is for.
Candidate::Troubles Candidate::check(std::span<const Sight* const> sights) const {
  std::map<std::string, std::string, std::less<>> missing;  // a node of each partition
  std::map<std::string, std::string, std::less<>> missed;   // a partition of each node
  for (const auto& partition : files_.partitions())
    for (const auto& node : unknown_nodes_in(partition)) {
      missing.emplace(partition, node);
      missed.emplace(node, partition);
    }
  Troubles troubles;
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const auto& sight = *sights[i];
    const auto& name = sight.declaration->name;
    if (const auto found = missed.find(name); is(sight, node_kind) && sight.leaving && found != missed.end())
      troubles.push_back({i, fmt::format("partition {} still has it", shown(found->second))});
  }
  if (!troubles.empty()) return troubles;
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const auto& sight = *sights[i];
    const auto found = missing.find(sight.declaration->name);
    if (is(sight, partition_kind) && !sight.leaving && found != missing.end())
      troubles.push_back({i, fmt::format("its node {} has no NodeName line, and is not in `slurm.nodes`",
                                         shown(found->second))});
  }
  return troubles;
}

std::vector<std::string> Candidate::unknown_nodes_in(const std::string& partition) const {
  auto members = files_.nodes_of_partition(partition);
  if (!members) return {};
  const auto known = files_.nodes();
  std::erase_if(*members, [&](const std::string& name) { return known.contains(name); });
  return *std::move(members);
}

std::vector<FileChange> Candidate::changes() const {
  std::vector<FileChange> changes;
  for (const auto& [path, text] : files_.files()) {
    const auto before = seen_.texts.find(path);
    const bool there = before != seen_.texts.end();
    if (there ? before->second == text.text() : text.text().empty()) continue;
    changes.push_back({.path = path,
                       .seen = there ? sha256_hex(before->second) : "none",
                       .sha256 = sha256_hex(text.text()),
                       .bytes = text.text(),
                       .kept = {}});
  }
  return changes;
}

std::string Candidate::diff() const {
  std::string diff;
  for (const auto& change : changes()) {
    const auto before = seen_.texts.find(change.path);
    const std::string_view old = before == seen_.texts.end() ? std::string_view{} : before->second;
    if (!is_utf8(old) || !is_utf8(change.bytes)) continue;
    diff += fmt::format("{}\n{}", change.path, unified_diff(old, change.bytes));
    if (!diff.ends_with('\n')) diff += '\n';
  }
  return diff;
}

std::string Candidate::changed_parameter(std::span<const std::string_view> parameters) const {
  for (const auto parameter : parameters)
    if (files_.values(parameter) != seen_.files.values(parameter)) return std::string(parameter);
  return {};
}

std::string Candidate::restart_because() const {
  if (const auto parameter = changed_parameter(read_at_start); !parameter.empty())
    return fmt::format("{} is only read at its start", parameter);
  if (starts_again_by_itself(seen_.version)) return {};
  const auto nodes = files_.nodes();
  if (nodes != seen_.files.nodes()) return "it learns of other nodes only at its start";
  for (const auto& node : nodes)
    if (is_other_hardware(*seen_.files.node(node), *files_.node(node)))
      return "it learns of other hardware only at its start";
  return {};
}

bool Candidate::grows(const std::string& node) const {
  const auto before = seen_.files.node(node);
  const auto after = files_.node(node);
  return before && after && is_other_hardware(*before, *after) && !shrinks(*before, *after);
}

std::string Candidate::slurmd_restart_because() const {
  const auto parameter = changed_parameter(slurmd_reads_at_start);
  return parameter.empty() ? std::string() : fmt::format("{} is only read at its start", parameter);
}

}  // namespace tidelock::slurm
