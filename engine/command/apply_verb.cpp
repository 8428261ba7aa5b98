#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "engine/apply/applier.hpp"
#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/command/locking.hpp"
#include "engine/command/show.hpp"
#include "engine/command/verbs.hpp"
#include "engine/command/workspace.hpp"
#include "engine/model/value_json.hpp"
#include "engine/report/outcome_text.hpp"

namespace tidelock {
namespace {

/// A manifest is YAML in a folder or a file; a saved plan is a file of JSON.
bool is_plan_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && path.extension() != ".yaml" &&
         path.extension() != ".yml";
}

/// Names one apply in ledgers: sortable by time, and unique.
std::string new_run() {
  constexpr std::size_t random_bytes = 3;
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{}", fmt::gmtime(std::time(nullptr)), random_hex(random_bytes));
}

std::string holder(const std::string& run) {
  const auto process = this_process();
  return fmt::format("{}@{} pid {} run {}", process.user, process.host, process.pid, run);
}

class Application {
 public:
  Application(Options options, const Wiring& wiring, const Console& console)
      : options_(std::move(options)), wiring_(wiring), console_(console) {}

  Exit run() {
    if (is_plan_file(options_.manifest) && !take_saved_plan()) return Exit::error;
    workspace_ = Workspace::load(options_, wiring_, console_, Workspace::Secrets::resolve);
    if (workspace_ == nullptr) return Exit::error;
    if (!workspace_->knows(options_.selection, console_)) return Exit::usage;
    transport_ = wiring_.transport(workspace_->manifest().connection);
    fleet_.emplace(*transport_, wiring_.cancel, options_.parallelism);
    if (const auto unlocked = lock()) return *unlocked;
    Progress progress(console_.progress_kind());
    observations_ = workspace_->observe(*fleet_, options_.selection, options_.rehash, progress);
    if (!saved_ && !workspace_->meets(options_.selection, observations_, console_)) return Exit::usage;
    plan_ = workspace_->plan(observations_, options_.selection, options_.max_deletions);
    if (wiring_.cancel.triggered()) return Exit::error;
    if (saved_) {
      if (const auto moved = difference(saved_->plan, plan_)) return stale(*moved);
    }
    if (options_.format == Format::text) show_plan(plan_, options_, console_);
    if (!plan_.refusals.empty()) return refused();
    if (plan_.has_writes() && !approved()) return Exit::refused;
    return carry_out(progress);
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

  /// Before anything is looked at: what is seen stays as it is until the end. None when it is ours.
  std::optional<Exit> lock() {
    auto lock = lock_cluster(*workspace_, *transport_, options_.lock_timeout, "apply");
    if (lock) {
      lock_ = std::move(*lock);
      return std::nullopt;
    }
    console_.show(lock.error().error);
    return lock.error().busy ? Exit::locked : Exit::error;
  }

  Exit stale(const std::string& why) {
    console_.show(Error{"Plan is stale", why + "; nothing was written", "make a new plan"});
    return Exit::stale;
  }

  Exit refused() {
    if (options_.format != Format::text)
      for (const auto& why : plan_.refusals) console_.show(why);
    return Exit::refused;
  }

  bool approved() {
    if (options_.auto_approve || saved_) return true;  // who applies a saved plan has seen it
    if (!Console::can_ask()) {
      console_.show(Error{"Nobody is there to agree", "stdin is no terminal",
                          "say --auto-approve, or apply a saved plan"});
      return false;
    }
    const bool yes = console_.approve(fmt::format("Carry this plan out on {}?", shown(plan_.source.cluster)));
    if (!yes) console_.say("Nothing was done.\n");
    fleet_->drop_all();  // sessions may have ended while the question was open
    return yes;
  }

  Exit carry_out(Progress& progress) {
    const auto run = new_run();
    const ApplyOptions options{{options_.lock_timeout, holder(run), lock_.get()}, run};
    progress.applying(plan_.summary().create + plan_.summary().update + plan_.summary().remove);
    const auto outcomes = apply_plan(plan_, workspace_->graph(), observations_, workspace_->registry(),
                                     *fleet_, options, progress);
    progress.finish();
    report(outcomes);
    return status_of(outcomes);
  }

  void report(const Outcomes& outcomes) {
    if (options_.format == Format::json)
      console_.answer(dump(outcomes_json(plan_, outcomes), 1) + '\n');
    else if (plan_.has_writes() || !outcomes.troubles.empty())
      console_.answer(outcomes_text(plan_, outcomes, console_.answer_style()));
  }

  Exit status_of(const Outcomes& outcomes) {
    using Status = Outcome::Status;
    std::set<Exit> all;
    const bool failed =
        outcomes.count(Status::failed) + outcomes.count(Status::skipped) > 0 || !outcomes.troubles.empty();
    const bool blocked = std::ranges::any_of(plan_.changes, [](const Change& c) { return c.is_stuck(); });
    if (outcomes.locked) all.insert(Exit::locked);
    if (outcomes.count(Status::stale) > 0) all.insert(Exit::stale);
    if (failed && !outcomes.may_have_written() && !outcomes.locked) all.insert(Exit::error);
    if (failed || blocked || outcomes.interrupted) all.insert(Exit::partly);
    if (!plan_.unchecked.empty()) all.insert(Exit::incomplete);
    return most_telling(all);
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
  Plan plan_;
};

}  // namespace

Exit run_apply(const Options& options, const Wiring& wiring, const Console& console) {
  return Application(options, wiring, console).run();
}

}  // namespace tidelock
