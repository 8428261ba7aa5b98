#include "engine/apply/cluster_lock.hpp"

#include <ctime>
#include <utility>

#include <poll.h>

#include "engine/apply/boundary.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/digest.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 500ms;

/// Goes on while the machine sleeps, unlike steady_clock.
std::int64_t seconds_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

Claim new_claim(const ClaimFile& before, const ClusterLock::Settings& settings) {
  constexpr std::size_t id_bytes = 6;
  return {.id = random_hex(id_bytes),
          .fence = (before.claim ? before.claim->fence : 0) + 1,
          .holder = this_process(),
          .reason = settings.reason,
          .lease = settings.lease,
          .released = false};
}

LockFailure failed(Error error) { return {.busy = false, .error = std::move(error)}; }

bool pause(const Cancellation& cancel) {
  pollfd waiting{cancel.fd(), POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(look_every.count())) == 0;
}

}  // namespace

std::expected<std::unique_ptr<ClusterLock>, LockFailure> ClusterLock::acquire(
    std::unique_ptr<Session> session, const Settings& settings, const Cancellation& cancel) {
  const auto deadline = Deadline::in(settings.timeout);
  for (;;) {
    auto file = read_claim(*session);
    if (!file) return std::unexpected(failed(file.error()));
    if (file->is_free()) {
      at_boundary("before the cluster is locked");
      auto written = write_claim(*session, *file, new_claim(*file, settings));
      if (!written) return std::unexpected(failed(written.error()));
      if (*written)
        return std::unique_ptr<ClusterLock>(new ClusterLock(std::move(session), std::move(**written)));
    } else if (deadline.passed()) {
      return std::unexpected(LockFailure{
          .busy = true,
          .error = {"Cluster is locked", describe(*file),
                    "wait for it to end, or give it more time with --lock-timeout; `unlock` takes "
                    "the lock from one that will never end"}});
    }
    if (!pause(cancel)) return std::unexpected(failed({"Interrupted", {}, {}}));
  }
}

ClusterLock::ClusterLock(std::unique_ptr<Session> session, ClaimFile file)
    : session_(std::move(session)),
      file_(std::move(file)),
      fence_(file_.claim->fence),
      lease_(file_.claim->lease.count()),
      confirmed_(seconds_since_boot()),
      renewer_([this](const std::stop_token& stop) { keep_renewing(stop); }) {}

ClusterLock::~ClusterLock() {
  renewer_.request_stop();
  renewer_.join();
  if (lost_) return;
  at_boundary("before the cluster is unlocked");
  file_.claim->released = true;
  std::ignore = write_claim(*session_, file_, *file_.claim);  // the lease ends it if this does not
  at_boundary("after the cluster is unlocked");
}

bool ClusterLock::holds() const {
  constexpr std::int64_t margin = 2;  // for what lies between asking and writing
  return !lost_ && seconds_since_boot() + margin < confirmed_ + lease_;
}

void ClusterLock::keep_renewing(const std::stop_token& stop) {
  constexpr int renewals_in_a_lease = 4;
  std::unique_lock lock(mutex_);
  while (
      !wake_.wait_for(lock, stop, std::chrono::seconds(lease_) / renewals_in_a_lease, [] { return false; }) &&
      !stop.stop_requested() && !lost_)
    renew();
}

/// The file is not as we left it. That may be our own renewal, of which only the answer was lost; or
/// somebody said `unlock`.
void ClusterLock::look_whose() {
  const auto file = read_claim(*session_);
  if (!file) return;
  if (file->claim && file->claim->id == file_.claim->id && !file->claim->released)
    file_ = *file;
  else
    lost_ = true;
}

void ClusterLock::renew() {
  const auto before = seconds_since_boot();
  auto written = write_claim(*session_, file_, *file_.claim);
  if (!written) return;  // another try comes; until then the lease runs down
  if (!*written) return look_whose();
  file_ = std::move(**written);
  confirmed_ = before;
}

}  // namespace tidelock
