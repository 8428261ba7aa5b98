#include "providers/slurm/jobs/request.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"

namespace tidelock::slurm {
namespace {

std::uint64_t weight(std::uint64_t value) { return value; }
std::uint64_t weight(const std::vector<Gres>& list) {
  std::uint64_t sum = 0;
  for (const auto& gres : list) sum += std::min(gres.count, unlimited / 2 / (list.size() + 1));
  return sum;
}

class RequestReader {
 public:
  RequestReader(const JobScript& script, std::span<const Parameter> parameters, Diagnostics& diagnostics)
      : script_(script), parameters_(parameters), diagnostics_(diagnostics) {}

  /// Of all possible values the largest. One that cannot be read is an error where it stands in the script
  /// itself.
  template <class T>
  void take(Stated<T>& field, std::string_view name, std::optional<T> (*read)(std::string_view),
            std::string_view form) {
    const auto* option = find(name, field.stated);
    if (option == nullptr) return;
    const auto texts = fill(option->value, parameters_);
    std::optional<Asked<T>> most;
    for (const auto& text : texts) {
      const auto value = read(text.text);
      if (!value) return refuse(*option, text, form);
      if (!most || weight(*value) > weight(most->value)) most = asked(*value, *option, text);
    }
    field.asked = std::move(most);
  }

  /// A value that has no order: known only where there is one possibility.
  template <class T>
  void take_single(Stated<T>& field, std::string_view name, std::optional<T> (*read)(std::string_view)) {
    const auto* option = find(name, field.stated);
    if (option == nullptr) return;
    const auto texts = fill(option->value, parameters_);
    if (texts.size() != 1) return;
    if (auto value = read(texts.front().text)) field.asked = asked(std::move(*value), *option, texts.front());
  }

  [[nodiscard]] bool has(std::initializer_list<std::string_view> names) const {
    return std::ranges::any_of(names, [&](std::string_view name) { return script_.option(name) != nullptr; });
  }

 private:
  const JobOption* find(std::string_view name, bool& stated) const {
    const auto* option = script_.option(name);
    stated = option != nullptr;
    return option;
  }

  template <class T>
  [[nodiscard]] Asked<T> asked(T value, const JobOption& option, const Filled& text) const {
    Asked<T> result{std::move(value), option.at, written(option, text), {}};
    for (const auto* parameter : text.used) {
      const Note note{parameter->at, "the value comes from here"};
      if (parameter->at.known()) result.notes.push_back(note);
    }
    return result;
  }

  static std::string written(const JobOption& option, const Filled& text) {
    constexpr std::size_t longest = 200;
    const auto value = text.text.size() > longest ? in_quotes(text.text) : shown(text.text);
    return fmt::format("--{}={}{}", option.name, value,
                       text.with.empty() ? "" : fmt::format(" ({})", text.with));
  }

  void refuse(const JobOption& option, const Filled& text, std::string_view form) {
    if (form.empty()) return;  // newer Slurm may understand more
    diagnostics_.error(option.at, "Value of an option is not valid",
                       fmt::format("sbatch cannot read {}; write {}", written(option, text), form));
  }

  const JobScript& script_;
  std::span<const Parameter> parameters_;
  Diagnostics& diagnostics_;
};

/// One name. A list of QoS, as newer Slurm takes it, has no single meaning.
std::optional<std::string> read_name(std::string_view text) {
  return text.empty() || text.contains(',') ? std::nullopt : std::optional(std::string(text));
}

std::optional<std::vector<std::string>> read_names(std::string_view text) {
  std::vector<std::string> names;
  for (const auto name : split(text, ','))
    if (!name.empty()) names.emplace_back(name);
  return names.empty() ? std::nullopt : std::optional(names);
}

}  // namespace

std::optional<JobRequest> request_of(const JobScript& script, std::span<const Parameter> parameters,
                                     Diagnostics& diagnostics) {
  RequestReader reader(script, parameters, diagnostics);
  if (!script.options_count || reader.has({"clusters", "cluster", "wrap"})) return std::nullopt;
  constexpr std::string_view size = "a number and one of K, M, G, T, as 3584M or 2G";
  constexpr std::string_view count = "a whole number above 0";
  JobRequest request;
  reader.take_single(request.partitions, "partition", read_names);
  reader.take_single(request.qos, "qos", read_name);
  reader.take_single(request.account, "account", read_name);
  reader.take(request.memory, "mem", read_memory, size);
  reader.take(request.memory_per_cpu, "mem-per-cpu", read_memory, size);
  reader.take(request.memory_per_gpu, "mem-per-gpu", read_memory, size);
  reader.take(request.cpus_per_task, "cpus-per-task", read_count, count);
  reader.take(request.tasks, "ntasks", read_count, count);
  reader.take(request.tasks_per_node, "ntasks-per-node", read_count, "");
  reader.take(request.time, "time", read_time, "minutes, MM:SS, HH:MM:SS or D-HH:MM:SS, as 2:00:00");
  reader.take_single(request.nodes, "nodes", read_nodes);
  reader.take(request.gres, "gres", read_gres, "");
  reader.take(request.gpus, "gpus", read_gpus, "");
  reader.take(request.gpus_per_node, "gpus-per-node", read_gpus, "");
  reader.take(request.gpus_per_task, "gpus-per-task", read_gpus, "");
  if (reader.has({"time-min"})) request.time.asked.reset();  // Slurm may shorten the job to that
  request.overcommits = reader.has({"overcommit"});
  request.alone = reader.has({"exclusive"});
  request.reserved = reader.has({"reservation"});
  request.chooses_nodes = request.reserved || reader.has({"nodelist", "nodefile", "exclude", "constraint"});
  return request;
}

}  // namespace tidelock::slurm
