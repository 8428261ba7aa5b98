#pragma once

#include <chrono>

namespace tidelock {

using Clock = std::chrono::steady_clock;

/// A moment after which waiting is pointless. Every wait in the program takes one.
class Deadline {
 public:
  [[nodiscard]] static Deadline in(Clock::duration span) { return Deadline(Clock::now() + span); }
  [[nodiscard]] static Deadline at(Clock::time_point moment) { return Deadline(moment); }

  [[nodiscard]] bool passed() const { return Clock::now() >= moment_; }
  [[nodiscard]] Clock::time_point moment() const { return moment_; }
  /// Milliseconds left for poll(2), rounded up, never negative and never "for ever".
  [[nodiscard]] int poll_timeout() const {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(moment_ - Clock::now()).count();
    constexpr long long longest = 1'000'000'000;
    return static_cast<int>(left < 0 ? 0 : left > longest ? longest : left);
  }

 private:
  explicit Deadline(Clock::time_point moment) : moment_(moment) {}
  Clock::time_point moment_;
};

}  // namespace tidelock
