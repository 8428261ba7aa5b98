#include "tests/property/operator.hpp"

#include <utility>

#include "engine/command/locking.hpp"
#include "engine/command/rollback.hpp"
#include "engine/command/show.hpp"
#include "providers/context.hpp"

namespace tidelock::property {
namespace {

Options options_for(const std::filesystem::path& manifest) {
  Options options;
  options.manifest = manifest;
  options.colour = When::never;
  options.parallelism = 1;  // what uses a file is seen by all sandboxes, and a case is the same every time
  options.auto_approve = true;
  options.max_deletions = 1000;
  return options;
}

}  // namespace

Operator::Operator(std::filesystem::path manifest, const Sandboxes& hosts, const Cancellation& cancel)
    : options_(options_for(manifest)),
      wiring_{.version = "test",
              .registry = [cache = manifest.parent_path() / "cache"](
                              bool rehash) { return Registry(make_providers({cache, rehash})); },
              .transport = [](const Connection&) { return nullptr; },
              .commit = [](PlanSource&) {},
              .cancel = cancel},
      console_(options_),
      transport_(hosts, cancel) {}

Operator::~Operator() = default;

std::unique_ptr<Workspace> Operator::load(std::string verb) {
  options_.verb = std::move(verb);
  auto loaded = Workspace::load(options_, wiring_, console_, Workspace::Secrets::resolve);
  return loaded ? std::move(*loaded) : nullptr;
}

bool Operator::lock(const Workspace& workspace) {
  if (lock_ != nullptr) return true;
  auto lock = lock_cluster(workspace, transport_, options_, console_);
  if (lock) lock_ = std::move(*lock);
  return lock_ != nullptr;
}

std::optional<Plan> Operator::plan() {
  const auto workspace = load("plan");
  if (workspace == nullptr) return std::nullopt;
  Fleet fleet(transport_, wiring_.cancel, options_.parallelism);
  Progress progress(Progress::Kind::silent);
  auto observations = workspace->observe(fleet, {}, false, progress);
  auto plan = workspace->plan(observations, {}, options_.max_deletions).plan;
  show_plan(plan, options_, console_);
  return plan;
}

std::optional<Operator::Applied> Operator::apply(const std::function<void()>& locked,
                                                 const std::function<void()>& planned) {
  const auto workspace = load("apply");
  if (workspace == nullptr || !lock(*workspace)) return std::nullopt;
  locked();
  Fleet fleet(transport_, wiring_.cancel, options_.parallelism);
  Progress progress(Progress::Kind::silent);
  auto observations = workspace->observe(fleet, {}, false, progress);
  auto intent = workspace->plan(observations, {}, options_.max_deletions);
  Applied applied{.plan = std::move(intent.plan)};
  planned();
  Carrier carrier({options_, console_, *workspace, fleet, *lock_});
  applied.exit = carrier.run(applied.plan, intent.graph, observations, true);
  applied.failed = carrier.failed();
  return applied;
}

std::optional<Exit> Operator::roll_back() {
  const auto workspace = load("rollback");
  if (workspace == nullptr || !lock(*workspace)) return std::nullopt;
  Fleet fleet(transport_, wiring_.cancel, options_.parallelism);
  return tidelock::roll_back({options_, console_, *workspace, fleet, *lock_}, {}, true);
}

}  // namespace tidelock::property
