#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/script.hpp"

namespace tidelock {

/// A whole program for `/bin/sh -s`: one function, called on its last line, so that a program cut short runs
/// nothing at all. It ends with that function: a shell that waited for more would keep what it has
/// locked for as long as the client keeps its connection. Built from ShellTexts and calls only; whatever
/// varies goes through `shell_word` or base64.
class ShellProgram {
 public:
  /// The nonce frames the program's output and its here-documents; nothing on a host can guess it.
  explicit ShellProgram(std::string nonce);

  /// Puts the functions of a text in, once however often it is asked for.
  ShellProgram& define(ShellText text);
  /// Calls a function with quoted arguments; stdin is /dev/null.
  ShellProgram& call(ShellText function, const std::vector<std::string>& arguments = {});
  /// Calls `function name $?`, handing over how the call before ended.
  ShellProgram& finish(ShellText function, std::string_view name);
  /// Calls a function whose stdin is the client's side of the channel: for waiting for an answer.
  ShellProgram& converse(ShellText function, const std::vector<std::string>& arguments = {});
  /// Calls `runner arguments… none function script-arguments…`, or, for a script with input, `base64` instead
  /// of `none` and the input as base64 on the runner's stdin. Defines the script's text.
  ShellProgram& call(ShellText runner, const std::vector<std::string>& arguments, const Script& script);

  [[nodiscard]] const std::string& nonce() const { return nonce_; }
  /// What goes to the shell's stdin.
  [[nodiscard]] std::string text() const;

 private:
  std::string nonce_;
  std::vector<ShellText> texts_;
  std::string calls_;
};

/// A word in single quotes for any POSIX shell. NUL bytes are a bug: nothing that may hold them comes here.
[[nodiscard]] std::string shell_word(std::string_view word);

}  // namespace tidelock
