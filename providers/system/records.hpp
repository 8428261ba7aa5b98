#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::system {

/// Reads the records of an answer one after the other. After the last, all are empty.
class Records {
 public:
  explicit Records(const std::vector<std::string>& records) : records_(records) {}

  [[nodiscard]] bool more() const { return at_ < records_.size(); }
  [[nodiscard]] bool has(std::size_t count) const { return records_.size() - at_ >= count; }
  const std::string& take() {
    static const std::string none;
    return more() ? records_[at_++] : none;
  }

 private:
  const std::vector<std::string>& records_;
  std::size_t at_ = 0;
};

/// None unless the whole text is a number.
[[nodiscard]] inline std::optional<std::int64_t> number_in(std::string_view text, int base = 10) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace tidelock::system
