#pragma once

#include <string>
#include <utility>

namespace tidelock {

/// A value that must not be shown. It has no formatter, no stream operator and no conversion: whoever needs
/// the bytes says `reveal()`, and those places are few enough to read.
class Secret {
 public:
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  ~Secret();
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;

  [[nodiscard]] const std::string& reveal() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace tidelock
