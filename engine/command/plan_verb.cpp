#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/command/show.hpp"
#include "engine/command/verbs.hpp"
#include "engine/command/workspace.hpp"
#include "engine/model/value_json.hpp"
#include "engine/plan/plan_json.hpp"

namespace tidelock {
namespace {

Exit status_of(const Plan& plan, bool detailed) {
  std::set<Exit> all;
  if (!plan.refusals.empty()) all.insert(Exit::refused);
  if (!plan.unchecked.empty()) all.insert(Exit::incomplete);
  if (detailed && !plan.converged()) all.insert(Exit::changes);
  return most_telling(all);
}

nlohmann::json problem_json(const Diagnostic& problem) {
  nlohmann::json json{{"severity", problem.severity == Severity::warning ? "warning" : "error"},
                      {"summary", problem.summary},
                      {"detail", problem.detail},
                      {"at", nullptr}};
  if (const auto& at = problem.at; at.known())
    json["at"] = {{"file", at.file->name}, {"line", at.line}, {"column", at.column}};
  return json;
}

/// `workspace` is null for a manifest that is not valid.
nlohmann::json validity(const Workspace* workspace, const Diagnostics& diagnostics) {
  nlohmann::json json{{"valid", workspace != nullptr}, {"problems", nlohmann::json::array()}};
  for (const auto& problem : diagnostics.sorted()) json["problems"].push_back(problem_json(problem));
  if (workspace == nullptr) return json;
  json["cluster"] = workspace->manifest().cluster;
  json["hosts"] = workspace->graph().hosts.size();
  json["resources"] = workspace->graph().resources();
  return json;
}

}  // namespace

Exit run_validate(const Options& options, const Wiring& wiring, const Console& console) {
  Diagnostics diagnostics;
  const auto workspace = Workspace::load(options, wiring, Workspace::Secrets::only_look, diagnostics);
  console.show(diagnostics);
  if (options.format == Format::json)
    console.answer(dump(validity(workspace.get(), diagnostics)) + '\n');
  else if (workspace != nullptr)
    console.answer(fmt::format("The manifest is valid: {} on {}.\n",
                               count_of(workspace->graph().resources(), "resource"),
                               count_of(workspace->graph().hosts.size(), "host")));
  return workspace == nullptr ? Exit::error : Exit::done;
}

Exit run_plan(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::resolve);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  if (!workspace->knows(options.selection, console)) return Exit::usage;
  auto observations = workspace->look(options, console);
  if (!observations) {
    console.show(observations.error());
    return Exit::error;
  }
  if (!workspace->meets(options.selection, *observations, console)) return Exit::usage;
  const auto plan = workspace->plan(*observations, options.selection, options.max_deletions).plan;
  if (options.out) {
    constexpr mode_t only_owner = 0600;
    if (auto saved = replace_file(*options.out, format_plan_file(plan, options.selection), only_owner);
        !saved) {
      console.show(saved.error());
      return Exit::error;
    }
  }
  show_plan(plan, options, console);
  return wiring.cancel.triggered() ? Exit::error : status_of(plan, options.detailed_exitcode);
}

Exit run_show(const Options& options, const Wiring& /*wiring*/, const Console& console) {
  const auto saved = load_plan_file(options.manifest);
  if (!saved) {
    console.show(saved.error());
    return Exit::error;
  }
  show_plan(saved->plan, options, console);
  return Exit::done;
}

Exit run_observe(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::resolve);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  const auto transport = wiring.transport(workspace->manifest().connection);
  Fleet fleet(*transport, wiring.cancel, options.parallelism);
  const auto& hosts = workspace->graph().hosts;
  std::vector<HostRecording> recordings(hosts.size());
  for_each_index(hosts.size(), options.parallelism, [&](std::size_t i) {
    auto session = fleet.session(*hosts[i].node);
    if (!session) {
      recordings[i].failure = session.error();
      return;
    }
    LiveInterview living(**session);
    RecordingInterview interview(living, recordings[i]);
    (void)observe_host(hosts[i], workspace->registry(), interview,
                       {.rehash = options.rehash, .details = true});
  });
  Recording recording;
  bool complete = true;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    complete = complete && !recordings[i].failure;
    recording.emplace(hosts[i].node->name, std::move(recordings[i]));
  }
  constexpr mode_t only_owner = 0600;
  if (auto saved = replace_file(*options.out, format_recording(recording), only_owner); !saved) {
    console.show(saved.error());
    return Exit::error;
  }
  return complete ? Exit::done : Exit::incomplete;
}

}  // namespace tidelock
