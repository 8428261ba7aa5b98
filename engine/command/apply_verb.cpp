#include "engine/base/text.hpp"
#include "engine/command/carrier.hpp"
#include "engine/command/rollback.hpp"
#include "engine/command/show.hpp"
#include "engine/command/verbs.hpp"
#include "engine/command/workspace.hpp"

namespace tidelock {
namespace {

class Application {
 public:
  Application(Options options, const Wiring& wiring, const Console& console)
      : options_(std::move(options)), wiring_(wiring), console_(console) {}

  Exit run() {
    if (is_plan_file(options_.manifest) && !take_saved_plan()) return Exit::error;
    auto loaded = Workspace::load(options_, wiring_, console_, Workspace::Secrets::resolve);
    if (!loaded) return loaded.error();
    workspace_ = std::move(*loaded);
    if (!workspace_->knows(options_.selection, console_)) return Exit::usage;
    transport_ = wiring_.transport(workspace_->manifest().connection);
    fleet_.emplace(*transport_, wiring_.cancel, options_.parallelism);
    // Before anything is looked at: what is seen stays as it is until the end.
    auto lock = lock_cluster(*workspace_, *transport_, options_, console_);
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    observe();
    if (!saved_ && !workspace_->meets(options_.selection, observations_, console_)) return Exit::usage;
    const auto planned = workspace_->plan(observations_, options_.selection, options_.max_deletions);
    if (wiring_.cancel.triggered()) return Exit::error;
    if (saved_) {
      if (const auto moved = difference(saved_->plan, planned.plan)) return stale(*moved);
    }
    return carry_out(planned);
  }

 private:
  bool take_saved_plan() {
    auto saved = load_plan_file(options_.manifest);
    if (!saved) {
      console_.show(saved.error());
      return false;
    }
    options_.manifest = saved->plan.source.manifest;
    options_.selection = saved->selection;
    saved_ = std::move(*saved);
    return true;
  }

  Exit stale(const std::string& why) {
    console_.show(Error{"Plan is stale", why + "; nothing was written", "make a new plan"});
    return Exit::stale;
  }

  void observe() {
    Progress progress(console_.progress_kind());
    observations_ = workspace_->observe(*fleet_, options_.selection, options_.rehash, progress);
  }

  Exit carry_out(const Planned& planned) {
    const Workshop shop{options_, console_, *workspace_, *fleet_, *lock_};
    Carrier carrier(shop);
    const auto status = carrier.run(planned.plan, planned.graph, observations_, saved_.has_value());
    if (!carrier.failed() || wiring_.cancel.triggered()) return status;
    const bool everything = options_.on_failure == AfterFailure::roll_back;
    if (!everything && carrier.half_made().empty()) return status;
    console_.say(everything ? "Rolling back.\n" : "Rolling back what is of no use without what failed.\n");
    if (!everything) options_.selection = only(carrier.half_made());
    const auto back = roll_back(shop, carrier.run_name(), true);
    return back == Exit::done ? Exit::rolled_back : back;
  }

  static Selection only(const std::vector<Address>& addresses) {
    Selection selection;
    for (const auto& address : addresses) {
      selection.targets.push_back(as_glob(to_string(address)));
      if (!holds(selection.hosts, address.host)) selection.hosts.push_back(address.host);
    }
    return selection;
  }

  Options options_;
  const Wiring& wiring_;
  const Console& console_;
  std::optional<SavedPlan> saved_;
  std::unique_ptr<Workspace> workspace_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<ClusterLock> lock_;
  std::optional<Fleet> fleet_;
  std::vector<HostObservation> observations_;
};

}  // namespace

Exit run_apply(const Options& options, const Wiring& wiring, const Console& console) {
  return Application(options, wiring, console).run();
}

Exit run_rollback(const Options& options, const Wiring& wiring, const Console& console) {
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::resolve);
  if (!loaded) return loaded.error();
  const auto& workspace = *loaded;
  if (!workspace->knows(options.selection, console)) return Exit::usage;
  const auto transport = wiring.transport(workspace->manifest().connection);
  const auto lock = lock_cluster(*workspace, *transport, options, console);
  if (!lock) return lock.error();
  Fleet fleet(*transport, wiring.cancel, options.parallelism);
  return roll_back({options, console, *workspace, fleet, **lock}, options.address, false);
}

}  // namespace tidelock
