#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/probe/observer.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

/// Calls `work` for 0 … count-1 from at most `threads` threads, each index once. Returns when all are done.
void for_each_index(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

/// The hosts of a run and the sessions to them, opened when first needed and then kept.
class Fleet {
 public:
  Fleet(Transport& transport, const Cancellation& cancel, unsigned parallelism)
      : transport_(transport), cancel_(cancel), parallelism_(parallelism) {}

  /// The session to a node. Each node's session must be used by one thread at a time; different nodes' may be
  /// asked for at once.
  [[nodiscard]] Result<Session*> session(const ClusterNode& node);
  /// Forgets a session that broke, so that the next call logs in again.
  void drop(const ClusterNode& node);
  void drop_all();

  [[nodiscard]] const Cancellation& cancellation() const { return cancel_; }
  [[nodiscard]] unsigned parallelism() const { return parallelism_; }

 private:
  Transport& transport_;
  const Cancellation& cancel_;
  unsigned parallelism_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
};

/// Told when a host was looked at; may be called from several threads, one call at a time.
using ObservedCallback = std::function<void(const HostObservation&)>;

/// Looks at all these hosts at once, each with one login and as few execs as possible. In their order.
[[nodiscard]] std::vector<HostObservation> observe_hosts(const std::vector<const GraphHost*>& hosts,
                                                         const Registry& registry, Fleet& fleet,
                                                         const ProbeOptions& options,
                                                         const ObservedCallback& observed);

}  // namespace tidelock
