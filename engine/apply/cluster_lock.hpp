#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/apply/claim.hpp"
#include "engine/base/cancel.hpp"

namespace tidelock {

/// Why the cluster could not be locked.
struct LockFailure {
  bool busy = false;  ///< somebody else has it
  Error error;
};

/// The right to write on the cluster's hosts, for as long as this object lives. Renewed meanwhile; who does
/// not renew for a lease's time loses it to whoever comes next, and a holder that is provably gone loses it
/// at once. Each has a fencing number, and hosts refuse all but the highest they have seen.
class ClusterLock {
 public:
  struct Settings {
    std::chrono::seconds timeout{30};  ///< how long to wait for another one to end
    std::chrono::seconds lease{60};
    std::string reason;
  };

  [[nodiscard]] static std::expected<std::unique_ptr<ClusterLock>, LockFailure> acquire(
      std::unique_ptr<Session> session, const Settings& settings, const Cancellation& cancel);
  /// Gives it back.
  ~ClusterLock();
  ClusterLock(const ClusterLock&) = delete;
  ClusterLock& operator=(const ClusterLock&) = delete;

  [[nodiscard]] std::uint64_t fence() const { return fence_; }
  /// Whether it is certainly still ours. To be asked right before every write: the program may have been
  /// stopped for longer than the lease. May be called from every thread.
  [[nodiscard]] bool holds() const;

 private:
  ClusterLock(std::unique_ptr<Session> session, ClaimFile file);
  void keep_renewing(const std::stop_token& stop);
  void renew();
  void look_whose();

  std::unique_ptr<Session> session_;  ///< used by the renewing thread, and after it
  ClaimFile file_;
  const std::uint64_t fence_;
  const std::int64_t lease_;
  std::atomic<bool> lost_ = false;
  std::atomic<std::int64_t> confirmed_;  ///< seconds since boot at which it was ours
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread renewer_;
};

}  // namespace tidelock
