#include <algorithm>

#include <fmt/format.h>

#include "engine/apply/host_writer.hpp"
#include "engine/base/text.hpp"
#include "engine/command/locking.hpp"
#include "engine/command/verbs.hpp"

namespace tidelock {
namespace {

/// What `forget` does on one host; the number of entries it forgot.
class Forgetting {
 public:
  Forgetting(const Workspace& workspace, const ClusterLock& lock, const std::string& pattern)
      : workspace_(workspace), lock_(lock), pattern_(pattern) {}

  Result<std::vector<std::string>> on(const GraphHost& host, Session& session) const {
    LiveInterview interview(session);
    const auto seen = observe_again(host, {}, workspace_.registry(), interview, {});
    if (seen.unreachable) return std::unexpected(*seen.unreachable);
    const auto* found = readable(seen.ledger);
    std::vector<std::string> forgotten;
    if (found == nullptr) return forgotten;
    auto ledger = *found;
    std::erase_if(ledger.entries, [&](const auto& entry) {
      const auto address = to_string(Address{host.node->name, entry.first.kind, entry.first.name});
      const bool matches = address == pattern_ || glob_matches(pattern_, address);
      if (matches) forgotten.push_back(address);
      return matches;
    });
    if (forgotten.empty()) return forgotten;
    const HostWriter writer(session, workspace_.registry(), {.holder = "forget", .lock = &lock_});
    const auto stored = writer.store(format_ledger(ledger), seen.ledger_digest);
    if (stored.failure) return std::unexpected(stored.failure->error);
    return forgotten;
  }

 private:
  const Workspace& workspace_;
  const ClusterLock& lock_;
  const std::string& pattern_;
};

Exit report(const std::vector<std::string>& forgotten, const Options& options, const Console& console) {
  if (options.format == Format::json) {
    console.answer(nlohmann::json{{"forgotten", forgotten}}.dump() + '\n');
  } else {
    for (const auto& address : forgotten) console.answer(fmt::format("{}\n", shown(address)));
    console.answer(
        fmt::format("Forgotten: {}. Nothing else was touched.\n", count_of(forgotten.size(), "resource")));
  }
  return Exit::done;
}

/// The hosts that the pattern's first part can mean.
std::vector<const GraphHost*> hosts_of(const Workspace& workspace, std::string_view pattern) {
  const auto host_pattern = pattern.substr(0, pattern.find(':'));
  std::vector<const GraphHost*> hosts;
  for (const auto& host : workspace.graph().hosts)
    if (glob_matches(std::string(host_pattern), host.node->name)) hosts.push_back(&host);
  return hosts;
}

}  // namespace

Exit run_forget(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::only_look);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  const auto hosts = hosts_of(*workspace, options.address);
  if (!options.address.contains(':') || hosts.empty()) {
    console.show(Error{"No such address", shown(options.address) + ": HOST:KIND:NAME, as plans name it", {}});
    return Exit::usage;
  }
  const auto transport = wiring.transport(workspace->manifest().connection);
  const auto lock = lock_cluster(*workspace, *transport, options, console);
  if (!lock) return lock.error();
  Fleet fleet(*transport, wiring.cancel, options.parallelism);
  const Forgetting forgetting(*workspace, **lock, options.address);
  std::vector<std::string> all;
  bool complete = true;
  for (const auto* host : hosts) {
    const auto session = fleet.session(*host->node);
    const auto forgotten = session ? forgetting.on(*host, **session)
                                   : Result<std::vector<std::string>>(std::unexpected(session.error()));
    if (!forgotten) {
      console.show(forgotten.error());
      complete = false;
      continue;
    }
    all.insert(all.end(), forgotten->begin(), forgotten->end());
  }
  (void)report(all, options, console);
  return complete ? Exit::done : all.empty() ? Exit::error : Exit::partly;
}

Exit run_unlock(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::only_look);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  const auto transport = wiring.transport(workspace->manifest().connection);
  const auto session = lock_session(*workspace, *transport);
  const auto file = session ? read_claim(**session) : Result<ClaimFile>(std::unexpected(session.error()));
  if (!file) {
    console.show(file.error());
    return Exit::error;
  }
  if (!file->claim || file->claim->released) {
    console.answer("The cluster is not locked.\n");
    return Exit::done;
  }
  if (file->claim->id != options.address) {
    console.show(Error{"This is not the lock's id", describe(*file), "say the id of the lock that is to go"});
    return Exit::locked;
  }
  auto released = *file->claim;
  released.released = true;
  const auto written = write_claim(**session, *file, released);
  if (!written || !*written) {
    console.show(written ? Error{"Lock changed meanwhile", describe(*file), "look again"} : written.error());
    return Exit::error;
  }
  console.answer(fmt::format("Unlocked. It was held by {}\n", describe(*file)));
  return Exit::done;
}

}  // namespace tidelock
