#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock {

/// Shell text that was written by us: a literal, or a `.sh` file that CMake embedded. It defines functions
/// and runs nothing by itself. There is no other way to make one, so no data can become text.
class ShellText {
 public:
  consteval explicit(false) ShellText(const char* text) : text_(text) {}
  [[nodiscard]] constexpr std::string_view view() const { return text_; }
  bool operator==(const ShellText& other) const { return text_.data() == other.text_.data(); }

 private:
  std::string_view text_;
};

/// One call of a function that a ShellText defines. Data travels as arguments, quoted, and as input, base64
/// in a here-document; neither may hold a NUL byte in the arguments.
class Script {
 public:
  /// `function` is one of those that `text` defines.
  Script(ShellText text, ShellText function) : texts_{text}, function_(function) {}

  /// Functions that those of the first text call.
  Script& with(ShellText text) &;
  Script&& with(ShellText text) &&;

  Script& argument(std::string_view value) &;
  Script&& argument(std::string_view value) &&;
  /// What the function reads on its stdin; without it stdin is /dev/null. May hold any bytes.
  Script& input(std::string bytes) &;
  Script&& input(std::string bytes) &&;

  [[nodiscard]] const std::vector<ShellText>& texts() const { return texts_; }
  [[nodiscard]] std::string_view function() const { return function_.view(); }
  [[nodiscard]] const std::vector<std::string>& arguments() const { return arguments_; }
  [[nodiscard]] const std::optional<std::string>& input() const { return input_; }

 private:
  std::vector<ShellText> texts_;
  ShellText function_;
  std::vector<std::string> arguments_;
  std::optional<std::string> input_;
};

}  // namespace tidelock
