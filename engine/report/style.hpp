#pragma once

#include <string>
#include <string_view>

namespace tidelock {

/// How text is dressed for where it goes. Colour is never the only carrier of anything.
class Style {
 public:
  explicit Style(bool colour) : colour_(colour) {}

  [[nodiscard]] std::string green(std::string_view text) const { return dressed("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return dressed("33", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return dressed("31", text); }
  [[nodiscard]] std::string cyan(std::string_view text) const { return dressed("36", text); }
  [[nodiscard]] std::string bold(std::string_view text) const { return dressed("1", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return dressed("2", text); }

 private:
  [[nodiscard]] std::string dressed(std::string_view code, std::string_view text) const {
    if (!colour_) return std::string(text);
    return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
  }

  bool colour_;
};

}  // namespace tidelock
