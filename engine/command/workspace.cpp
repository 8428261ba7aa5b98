#include "engine/command/workspace.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/plan/guard.hpp"
#include "engine/plan/resets.hpp"
#include "engine/plan/settling.hpp"

namespace tidelock {
namespace {

/// For `validate`: whether a secret can be had, without having it. Commands are not run.
Result<Secret> look_for_secret(const Node& node) {
  const auto& scalar = *node.scalar();
  if (scalar.secret == SecretOrigin::environment && std::getenv(scalar.text.c_str()) == nullptr)
    return failure("Secret is not set", fmt::format("the environment has no {}", shown(scalar.text)));
  std::error_code error;
  if (scalar.secret == SecretOrigin::file && !std::filesystem::exists(local_path(node), error))
    return failure("Secret file is missing", shown(local_path(node).native()));
  return Secret("");
}

}  // namespace

std::expected<std::unique_ptr<Workspace>, Exit> Workspace::load(const Options& options, const Wiring& wiring,
                                                                const Console& console, Secrets secrets) {
  Diagnostics diagnostics;
  auto workspace = load(options, wiring, secrets, diagnostics);
  console.show(diagnostics);
  if (workspace == nullptr) return std::unexpected(diagnostics.only_refusals() ? Exit::refused : Exit::error);
  return workspace;
}

std::unique_ptr<Workspace> Workspace::load(const Options& options, const Wiring& wiring, Secrets secrets,
                                           Diagnostics& diagnostics) {
  std::unique_ptr<Workspace> workspace(new Workspace(wiring, options.rehash));
  const Schema schema(workspace->registry_.fragments());
  workspace->manifest_ = load_sound_part(manifest_path(options.manifest), schema, diagnostics);
  if (workspace->manifest_) {
    const ExpandContext context{*workspace->manifest_, [&](const Node& node) {
                                  return secrets == Secrets::resolve && !workspace->manifest_->partial
                                             ? resolve_secret(node, wiring.cancel)
                                             : look_for_secret(node);
                                }};
    workspace->graph_ = build_graph(context, workspace->registry_, diagnostics);
  }
  return diagnostics.has_errors() ? nullptr : std::move(workspace);
}

std::vector<const GraphHost*> Workspace::selected(const Selection& selection) const {
  std::vector<const GraphHost*> hosts;
  for (const auto& host : graph_.hosts)
    if (selection.covers_host(host.node->name)) hosts.push_back(&host);
  return hosts;
}

std::vector<const GraphHost*> Workspace::to_look_at(const Selection& selection) const {
  auto hosts = selected(selection);
  if (selection.hosts.empty()) return hosts;
  std::set<std::string> leads;
  for (const auto* host : hosts)
    for (const auto& item : host->blueprint->items)
      if (item.declaration->together) leads.insert(item.declaration->together->lead);
  for (const auto& host : graph_.hosts)
    if (leads.contains(host.node->name) && !selection.covers_host(host.node->name)) hosts.push_back(&host);
  return hosts;
}

std::vector<HostObservation> Workspace::observe(Fleet& fleet, const Selection& selection, bool rehash,
                                                Progress& progress) const {
  const auto hosts = to_look_at(selection);
  std::set<std::string> names;
  for (const auto* host : hosts) names.insert(host->node->name);
  progress.observing(std::move(names));
  const ProbeOptions options{.rehash = rehash, .details = true};
  auto observations =
      observe_hosts(hosts, registry_, fleet, options,
                    [&](const HostObservation& observation) { progress.observed(observation); });
  progress.finish();
  return observations;
}

std::vector<HostObservation> Workspace::observe(const Recording& recording,
                                                const Selection& selection) const {
  std::vector<HostObservation> observations;
  for (const auto* host : to_look_at(selection)) {
    const auto recorded = recording.find(host->node->name);
    if (recorded == recording.end()) {
      observations.push_back(unreachable_host(*host, {"The recording does not have this host", {}, {}}));
      continue;
    }
    RecordedInterview interview(recorded->second);
    observations.push_back(observe_host(*host, registry_, interview, {}));
  }
  return observations;
}

Planned Workspace::plan(std::vector<HostObservation>& observations, const Selection& selection,
                        std::optional<std::int64_t> max_deletions) const {
  Planned planned{.graph = with_resets(graph_, observations, registry_), .plan = {}};
  planned.graph = settled(std::move(planned.graph), observations, registry_);
  auto& plan = planned.plan;
  plan = make_plan(planned.graph, observations, selection);
  plan.refusals = refusals(plan, planned.graph, observations, policy(max_deletions));
  plan.source.manifest =
      std::filesystem::absolute(plan.source.manifest).lexically_normal();  // for whoever applies it later
  wiring_.commit(plan.source);
  return planned;
}

Result<std::vector<HostObservation>> Workspace::look(const Options& options, const Console& console) const {
  constexpr std::uint64_t recording_limit = 1'000'000'000;
  if (options.observed) {
    const auto text = read_file(*options.observed, recording_limit);
    if (!text) return std::unexpected(text.error());
    const auto recording = parse_recording(*text);
    if (!recording) return std::unexpected(recording.error());
    return observe(*recording, options.selection);
  }
  const auto transport = wiring_.transport(manifest_->connection);
  Fleet fleet(*transport, wiring_.cancel, options.parallelism);
  Progress progress(console.progress_kind());
  return observe(fleet, options.selection, options.rehash, progress);
}

Policy Workspace::policy(std::optional<std::int64_t> max_deletions) const {
  auto policy = manifest_->policy;
  if (max_deletions) {
    policy.max_deletions = *max_deletions;
    policy.max_deletions_percent.reset();
    policy.max_deletions_of.clear();
  }
  return policy;
}

bool Workspace::knows(const Selection& selection, const Console& console) const {
  bool all = true;
  const auto refuse = [&](std::string_view what, const std::string& word,
                          const std::vector<std::string>& known) {
    const auto near = closest(word, known);
    console.show(Error{fmt::format("No such {}", what),
                       shown(word) + (near ? fmt::format("; did you mean {}?", *near) : ""),
                       {}});
    all = false;
  };
  std::vector<std::string> hosts;
  for (const auto& node : manifest_->nodes) hosts.push_back(node.name);
  std::vector<std::string> kinds;
  for (const auto& provider : registry_.all())
    for (const auto kind : provider->kinds()) kinds.emplace_back(kind);
  std::vector<std::string> strangers;
  for (const auto& host : selection.hosts)
    if (!holds(hosts, host)) strangers.push_back(host);
  if (strangers.size() == 1) refuse("host", strangers.front(), hosts);
  if (strangers.size() > 1) refuse("hosts", fold_hosts(strangers), {});
  for (const auto& kind : selection.kinds)
    if (!holds(kinds, kind)) refuse("kind", kind, kinds);
  return all;
}

std::vector<std::string> Workspace::addresses() const {
  std::vector<std::string> all;
  for (const auto& host : graph_.hosts)
    for (const auto& item : host.blueprint->items)
      all.push_back(to_string(Address{host.node->name, item.declaration->kind, item.declaration->name}));
  return all;
}

bool Workspace::meets(const Selection& selection, const std::vector<HostObservation>& observations,
                      const Console& console) const {
  bool all = true;
  const auto look_for = [&](std::string_view option, const std::string& glob) {
    if (has_address(glob, observations)) return;
    const auto near = closest(glob, addresses());
    console.show(Error{fmt::format("{} chooses nothing", option),
                       shown(glob) + (near ? fmt::format("; did you mean {}?", shown(*near)) : ""),
                       "addresses are HOST:KIND:NAME; * stands for any text"});
    all = false;
  };
  for (const auto& glob : selection.targets) look_for("--target", glob);
  for (const auto& glob : selection.excludes) look_for("--exclude", glob);
  return all;
}

bool Workspace::has_address(const std::string& glob, const std::vector<HostObservation>& observations) const {
  const auto matches = [&](const std::string& address) { return glob_matches(glob, address); };
  if (std::ranges::any_of(addresses(), matches)) return true;
  for (const auto& observation : observations)
    if (const auto* ledger = readable(observation.ledger))
      for (const auto& [key, entry] : ledger->entries)
        if (matches(to_string(Address{observation.host, key.kind, key.name}))) return true;
  return false;
}

}  // namespace tidelock
