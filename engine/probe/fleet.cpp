#include "engine/probe/fleet.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace tidelock {
namespace {

constexpr std::chrono::seconds connect_limit{15};

}  // namespace

void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto loop = [&] {
    for (auto i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> pool;
  const auto wanted = std::min<std::size_t>(count, threads);
  for (std::size_t i = 1; i < wanted; ++i) pool.emplace_back(loop);
  loop();
}

Result<Session*> Fleet::session(const ClusterNode& node) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto open = sessions_.find(node.name); open != sessions_.end()) return open->second.get();
  }
  auto session = transport_.connect(node, Deadline::in(connect_limit));
  if (!session) return std::unexpected(session.error());
  const std::scoped_lock lock(mutex_);
  return (sessions_[node.name] = std::move(*session)).get();
}

void Fleet::drop(const ClusterNode& node) {
  const std::scoped_lock lock(mutex_);
  sessions_.erase(node.name);
}

void Fleet::drop_all() {
  const std::scoped_lock lock(mutex_);
  sessions_.clear();
}

std::vector<HostObservation> observe_hosts(const std::vector<const GraphHost*>& hosts,
                                           const Registry& registry, Fleet& fleet,
                                           const ProbeOptions& options, const ObservedCallback& observed) {
  std::vector<HostObservation> observations(hosts.size());
  std::mutex mutex;
  for_each_index(hosts.size(), fleet.parallelism(), [&](std::size_t i) {
    const auto& host = *hosts[i];
    const auto session = fleet.cancellation().triggered() ? Result<Session*>(failure("Interrupted"))
                                                          : fleet.session(*host.node);
    if (session) {
      LiveInterview interview(**session);
      observations[i] = observe_host(host, registry, interview, options);
    } else {
      observations[i] = unreachable_host(host, session.error());
    }
    if (observations[i].unreachable) fleet.drop(*host.node);
    const std::scoped_lock lock(mutex);
    observed(observations[i]);
  });
  return observations;
}

}  // namespace tidelock
