#include "providers/slurm/jobs/sbatch_options.hpp"

#include <algorithm>
#include <array>

namespace tidelock::slurm {
namespace {

using enum Takes;

constexpr std::array options{
    SbatchOption{"account", 'A', value},
    SbatchOption{"acctg-freq", '\0', value},
    SbatchOption{"array", 'a', value},
    SbatchOption{"autocomplete", '\0', value},
    SbatchOption{"batch", '\0', value},
    SbatchOption{"bb", '\0', value},
    SbatchOption{"bbf", '\0', value},
    SbatchOption{"begin", 'b', value},
    SbatchOption{"chdir", 'D', value},
    SbatchOption{"cluster", '\0', value},
    SbatchOption{"cluster-constraint", '\0', value},
    SbatchOption{"clusters", 'M', value},
    SbatchOption{"comment", '\0', value},
    SbatchOption{"constraint", 'C', value},
    SbatchOption{"container", '\0', value},
    SbatchOption{"container-id", '\0', value},
    SbatchOption{"context", '\0', value},
    SbatchOption{"contiguous", '\0', nothing},
    SbatchOption{"core-spec", 'S', value},
    SbatchOption{"cores-per-socket", '\0', value},
    SbatchOption{"cpu-freq", '\0', value},
    SbatchOption{"cpus-per-gpu", '\0', value},
    SbatchOption{"cpus-per-task", 'c', value},
    SbatchOption{"deadline", '\0', value},
    SbatchOption{"delay-boot", '\0', value},
    SbatchOption{"dependency", 'd', value},
    SbatchOption{"distribution", 'm', value},
    SbatchOption{"error", 'e', value},
    SbatchOption{"exclude", 'x', value},
    SbatchOption{"exclusive", '\0', maybe},
    SbatchOption{"export", '\0', value},
    SbatchOption{"export-file", '\0', value},
    SbatchOption{"extra", '\0', value},
    SbatchOption{"extra-node-info", 'B', value},
    SbatchOption{"get-user-env", '\0', maybe},
    SbatchOption{"gid", '\0', value},
    SbatchOption{"gpu-bind", '\0', value},
    SbatchOption{"gpu-freq", '\0', value},
    SbatchOption{"gpus", 'G', value},
    SbatchOption{"gpus-per-node", '\0', value},
    SbatchOption{"gpus-per-socket", '\0', value},
    SbatchOption{"gpus-per-task", '\0', value},
    SbatchOption{"gres", '\0', value},
    SbatchOption{"gres-flags", '\0', value},
    SbatchOption{"help", 'h', nothing},
    SbatchOption{"hint", '\0', value},
    SbatchOption{"hold", 'H', nothing},
    SbatchOption{"ignore-pbs", '\0', nothing},
    SbatchOption{"input", 'i', value},
    SbatchOption{"job-name", 'J', value},
    SbatchOption{"kill-on-invalid-dep", '\0', value},
    SbatchOption{"licenses", 'L', value},
    SbatchOption{"mail-type", '\0', value},
    SbatchOption{"mail-user", '\0', value},
    SbatchOption{"mcs-label", '\0', value},
    SbatchOption{"mem", '\0', value},
    SbatchOption{"mem-bind", '\0', value},
    SbatchOption{"mem-per-cpu", '\0', value},
    SbatchOption{"mem-per-gpu", '\0', value},
    SbatchOption{"mincpus", '\0', value},
    SbatchOption{"network", '\0', value},
    SbatchOption{"nice", '\0', maybe},
    SbatchOption{"no-kill", 'k', maybe},
    SbatchOption{"no-requeue", '\0', nothing},
    SbatchOption{"nodefile", 'F', value},
    SbatchOption{"nodelist", 'w', value},
    SbatchOption{"nodes", 'N', value},
    SbatchOption{"ntasks", 'n', value},
    SbatchOption{"ntasks-per-core", '\0', value},
    SbatchOption{"ntasks-per-gpu", '\0', value},
    SbatchOption{"ntasks-per-node", '\0', value},
    SbatchOption{"ntasks-per-socket", '\0', value},
    SbatchOption{"ntasks-per-tres", '\0', value},
    SbatchOption{"oom-kill-step", '\0', maybe},
    SbatchOption{"open-mode", '\0', value},
    SbatchOption{"output", 'o', value},
    SbatchOption{"overcommit", 'O', nothing},
    SbatchOption{"oversubscribe", 's', nothing},
    SbatchOption{"parsable", '\0', nothing},
    SbatchOption{"partition", 'p', value},
    SbatchOption{"power", '\0', value},
    SbatchOption{"prefer", '\0', value},
    SbatchOption{"priority", '\0', value},
    SbatchOption{"profile", '\0', value},
    SbatchOption{"propagate", '\0', maybe},
    SbatchOption{"qos", 'q', value},
    SbatchOption{"quiet", 'Q', nothing},
    SbatchOption{"reboot", '\0', nothing},
    SbatchOption{"requeue", '\0', nothing},
    SbatchOption{"reservation", '\0', value},
    SbatchOption{"resv-ports", '\0', maybe},
    SbatchOption{"segment", '\0', value},
    SbatchOption{"signal", '\0', value},
    SbatchOption{"sockets-per-node", '\0', value},
    SbatchOption{"spread-job", '\0', nothing},
    SbatchOption{"stepmgr", '\0', nothing},
    SbatchOption{"switches", '\0', value},
    SbatchOption{"tasks-per-node", '\0', value},
    SbatchOption{"test-only", '\0', nothing},
    SbatchOption{"thread-spec", '\0', value},
    SbatchOption{"threads-per-core", '\0', value},
    SbatchOption{"time", 't', value},
    SbatchOption{"time-min", '\0', value},
    SbatchOption{"tmp", '\0', value},
    SbatchOption{"tres-bind", '\0', value},
    SbatchOption{"tres-per-task", '\0', value},
    SbatchOption{"uid", '\0', value},
    SbatchOption{"usage", '\0', nothing},
    SbatchOption{"use-min-nodes", '\0', nothing},
    SbatchOption{"verbose", 'v', nothing},
    SbatchOption{"version", 'V', nothing},
    SbatchOption{"wait", 'W', nothing},
    SbatchOption{"wait-all-nodes", '\0', value},
    SbatchOption{"wckey", '\0', value},
    SbatchOption{"wrap", '\0', value},
};

}  // namespace

const SbatchOption* sbatch_option(char letter) {
  const auto* found = std::ranges::find(options, letter, &SbatchOption::letter);
  return letter == '\0' || found == options.end() ? nullptr : found;
}

const SbatchOption* sbatch_option(std::string_view name) {
  const auto begins = [&](const SbatchOption& option) { return option.name.starts_with(name); };
  const auto* found = std::ranges::find(options, name, &SbatchOption::name);
  if (found != options.end()) return found;
  if (name.empty() || std::ranges::count_if(options, begins) != 1) return nullptr;
  return std::ranges::find_if(options, begins);
}

std::vector<std::string> sbatch_option_names() {
  std::vector<std::string> names;
  for (const auto& option : options) names.emplace_back(option.name);
  return names;
}

}  // namespace tidelock::slurm
