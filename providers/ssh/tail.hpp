#pragma once

#include <string>
#include <string_view>

namespace tidelock::ssh {

/// The last of what a program said on stderr.
class Tail {
 public:
  static constexpr std::size_t limit = std::size_t{16} * 1024;

  void add(std::string_view bytes) {
    text_ += bytes;
    if (text_.size() > 2 * limit) text_.erase(0, text_.size() - limit);
  }
  [[nodiscard]] std::string text() const {
    return text_.size() > limit ? text_.substr(text_.size() - limit) : text_;
  }

 private:
  std::string text_;
};

}  // namespace tidelock::ssh
