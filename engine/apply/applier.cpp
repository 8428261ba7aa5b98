#include "engine/apply/applier.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "engine/apply/host_run.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// Serialises what the hosts' threads say.
class OneAtATime final : public ApplyListener {
 public:
  explicit OneAtATime(ApplyListener& listener) : listener_(listener) {}
  void step_started(const std::string& host, const std::string& what) override {
    const std::scoped_lock lock(mutex_);
    listener_.step_started(host, what);
  }
  void uploaded(const std::string& host, const std::string& what, std::uint64_t bytes,
                std::uint64_t total) override {
    const std::scoped_lock lock(mutex_);
    listener_.uploaded(host, what, bytes, total);
  }
  void change_finished(const Change& change, const Outcome& outcome) override {
    const std::scoped_lock lock(mutex_);
    listener_.change_finished(change, outcome);
  }

 private:
  ApplyListener& listener_;
  std::mutex mutex_;
};

/// One loop: hand out what is ready, a batch a host; take back how it ended. Threads wait for work here and
/// nowhere else.
class Applier {
 public:
  Applier(const ApplyContext& context, const std::vector<HostObservation>& observations) : context_(context) {
    for (const auto& observation : observations)
      if (!observation.unreachable) runs_.push_back(std::make_unique<HostRun>(context, observation));
    hosts_.resize(runs_.size());
  }

  Outcomes apply() && {
    for_each_index(runs_.size(), context_.fleet.parallelism(), [&](std::size_t i) {
      runs_[i]->connect();
      if (context_.plan.has_writes()) std::ignore = runs_[i]->announce();
    });
    std::vector<std::string> names;
    std::vector<StepContext> contexts;
    for (const auto& run : runs_) {
      names.push_back(run->name());
      contexts.push_back(run->step_context());
    }
    schedule_.emplace(context_.plan, context_.registry, names, contexts);
    work();
    check_shared();
    return collect();
  }

 private:
  struct Host {
    bool busy = false;
    bool finished = false;
    std::vector<Outcome> outcomes;
  };

  /// What a thread does next on a host: a batch, or, when that is empty, its end.
  struct Task {
    std::size_t host = 0;
    std::vector<std::size_t> batch;
    bool upload = false;
  };

  void work() {
    std::vector<std::jthread> threads;
    const auto wanted = std::min<std::size_t>(runs_.size(), context_.fleet.parallelism());
    for (std::size_t i = 0; i < wanted; ++i) threads.emplace_back([this] { serve(); });
  }

  void serve() {
    std::unique_lock lock(mutex_);
    while (auto task = next_task(lock)) {
      const auto states = schedule_->states();
      lock.unlock();
      perform(*task, states);
      lock.lock();
      hosts_[task->host].busy = false;
      if (task->upload) --uploads_;
      schedule_->skip_doomed();
      changed_.notify_all();
    }
  }

  std::optional<Task> next_task(std::unique_lock<std::mutex>& lock) {
    for (;;) {
      if (std::ranges::all_of(hosts_, &Host::finished)) return std::nullopt;
      if (auto task = find_task()) return task;
      changed_.wait(lock);
    }
  }

  std::optional<Task> find_task() {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
      if (hosts_[i].busy || hosts_[i].finished) continue;
      Task task{.host = i, .batch = {}, .upload = false};
      if (!schedule_->finished(i)) {
        give_up_if_told(i);
        task.batch = schedule_->ready(i);
        task.upload = !task.batch.empty() && schedule_->steps()[task.batch.front()].is_upload();
        if (task.upload && uploads_ >= context_.graph.manifest->transfers.parallel) continue;
        if (task.batch.empty() && !schedule_->finished(i)) continue;  // waits for another host
      }
      start(task);
      return task;
    }
    return std::nullopt;
  }

  void give_up_if_told(std::size_t host) {
    const bool interrupted = context_.fleet.cancellation().triggered();
    const bool stopped = failed_ && context_.options.on_failure == OnFailure::stop;
    if (interrupted || stopped) schedule_->skip_rest(host);
    interrupted_ = interrupted_ || interrupted;
  }

  void start(const Task& task) {
    hosts_[task.host].busy = true;
    if (task.upload) ++uploads_;
    if (task.batch.empty()) hosts_[task.host].finished = true;
    for (const auto step : task.batch) schedule_->set_state(step, StepState::running);
  }

  void perform(const Task& task, const std::vector<StepState>& states) {
    auto& run = *runs_[task.host];
    if (task.batch.empty()) {
      hosts_[task.host].outcomes = run.finish(schedule_->steps(), states);
      return;
    }
    const auto ended = run.run(task.batch, schedule_->steps());
    const std::scoped_lock lock(mutex_);
    for (const auto& [step, state] : ended) {
      schedule_->set_state(step, state);
      failed_ = failed_ || state == StepState::failed;
    }
  }

  void check_shared() {
    std::set<std::size_t> done;
    for (const auto& host : hosts_)
      for (const auto& outcome : host.outcomes)
        if (outcome.status == Outcome::Status::done) done.insert(outcome.change);
    for_each_index(runs_.size(), context_.fleet.parallelism(), [&](std::size_t i) {
      std::ranges::move(runs_[i]->check_shared(done), std::back_inserter(hosts_[i].outcomes));
    });
  }

  Outcomes collect() {
    Outcomes all;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      std::ranges::move(hosts_[i].outcomes, std::back_inserter(all.list));
      if (runs_[i]->trouble()) all.troubles.push_back({runs_[i]->name(), *runs_[i]->trouble()});
      all.locked = all.locked || runs_[i]->locked();
      all.bytes_sent += runs_[i]->bytes_sent();
    }
    std::ranges::sort(all.list, {}, &Outcome::change);
    all.interrupted = interrupted_;
    return all;
  }

  ApplyContext context_;
  std::vector<std::unique_ptr<HostRun>> runs_;
  std::optional<Schedule> schedule_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Host> hosts_;
  unsigned uploads_ = 0;
  bool interrupted_ = false;
  bool failed_ = false;
};

}  // namespace

std::size_t Outcomes::count(Outcome::Status status) const {
  return static_cast<std::size_t>(std::ranges::count(list, status, &Outcome::status));
}

bool Outcomes::taken_back() const { return std::ranges::any_of(list, &Outcome::taken_back); }

bool Outcomes::may_have_written() const {
  return std::ranges::any_of(
      list, [](const Outcome& o) { return o.status == Outcome::Status::done || o.may_be_done; });
}

Outcomes apply_plan(const Plan& plan, const Graph& graph, const std::vector<HostObservation>& observations,
                    const Registry& registry, Fleet& fleet, const ApplyOptions& options,
                    ApplyListener& listener) {
  OneAtATime serialised(listener);
  return Applier({plan, graph, registry, fleet, options, serialised}, observations).apply();
}

}  // namespace tidelock
