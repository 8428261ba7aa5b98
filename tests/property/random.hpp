#pragma once

#include <cstdint>
#include <iterator>
#include <random>

namespace tidelock::property {

/// The same numbers for the same seed, with every compiler and library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  [[nodiscard]] std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }
  [[nodiscard]] bool chance(unsigned percent) { return engine_() % 100 < percent; }
  /// One of the elements of a range that has some.
  [[nodiscard]] const auto& pick(const auto& range) {
    return *(std::begin(range) + static_cast<std::ptrdiff_t>(below(std::size(range))));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tidelock::property
