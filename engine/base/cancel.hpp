#pragma once

namespace tidelock {

/// Says "stop" to everything that waits. Waits poll `fd()` beside their own descriptor; it is readable for
/// good once cancelled. Safe to trigger from a signal handler.
class Cancellation {
 public:
  Cancellation();
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void trigger() noexcept;
  [[nodiscard]] bool triggered() const noexcept;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace tidelock
