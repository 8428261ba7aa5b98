#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/apply/history.hpp"
#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/command/verbs.hpp"
#include "engine/command/workspace.hpp"
#include "engine/model/value_json.hpp"

namespace tidelock {
namespace {

/// One run, over all hosts that remember it.
struct ClusterRun {
  std::string holder;
  std::vector<std::string> hosts;
  std::map<std::string, std::size_t> actions;  ///< how often each was recorded
};

void add(std::map<std::string, ClusterRun>& all, const std::string& host,
         const std::vector<HistoryRun>& runs) {
  for (const auto& run : runs) {
    auto& one = all[run.run];
    one.holder = run.holder;
    one.hosts.push_back(host);
    for (const auto& record : run.records) ++one.actions[record.action];
  }
}

nlohmann::json to_json(const std::map<std::string, ClusterRun>& runs) {
  auto list = nlohmann::json::array();
  for (const auto& [name, run] : runs)
    list.push_back({{"run", name}, {"holder", run.holder}, {"hosts", run.hosts}, {"actions", run.actions}});
  return {{"format_version", "1.0"}, {"runs", std::move(list)}};
}

std::string to_text(const std::map<std::string, ClusterRun>& runs) {
  std::string text;
  for (const auto& [name, run] : runs) {
    std::vector<std::string> actions;
    for (const auto& [action, count] : run.actions) actions.push_back(fmt::format("{} {}", count, action));
    text += fmt::format("{}  {} on {}  ({})\n", printable(name), join(actions, ", "), fold_hosts(run.hosts),
                        printable(run.holder.substr(0, run.holder.find(" run "))));
  }
  return text.empty() ? "No host remembers an apply.\n" : text;
}

}  // namespace

Exit run_history(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::only_look);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  if (!workspace->knows(options.selection, console)) return Exit::usage;
  const auto transport = wiring.transport(workspace->manifest().connection);
  Fleet fleet(*transport, wiring.cancel, options.parallelism);
  const auto hosts = workspace->selected(options.selection);
  std::vector<Result<std::vector<HistoryRun>>> histories(hosts.size());
  for_each_index(hosts.size(), options.parallelism, [&](std::size_t i) {
    auto session = fleet.session(*hosts[i]->node);
    histories[i] =
        session ? read_history(**session) : Result<std::vector<HistoryRun>>(std::unexpected(session.error()));
  });
  std::map<std::string, ClusterRun> runs;
  bool complete = true;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (histories[i]) {
      add(runs, hosts[i]->node->name, *histories[i]);
      continue;
    }
    console.show(histories[i].error());
    complete = false;
  }
  console.answer(options.format == Format::json ? dump(to_json(runs), 1) + '\n' : to_text(runs));
  return complete ? Exit::done : Exit::incomplete;
}

}  // namespace tidelock
