#include "engine/probe/shell_program.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "engine/base/encoding.hpp"

namespace tidelock {
namespace {

constexpr std::size_t base64_line = 76;

std::string call_line(std::string_view function, const std::vector<std::string>& arguments) {
  std::string line(function);
  for (const auto& argument : arguments) line += ' ' + shell_word(argument);
  return line;
}

}  // namespace

std::string shell_word(std::string_view word) {
  assert(!word.contains('\0'));
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out += '\'';
}

ShellProgram::ShellProgram(std::string nonce) : nonce_(std::move(nonce)) {}

ShellProgram& ShellProgram::define(ShellText text) {
  if (std::ranges::find(texts_, text) == texts_.end()) texts_.push_back(text);
  return *this;
}

ShellProgram& ShellProgram::call(ShellText function, const std::vector<std::string>& arguments) {
  calls_ += call_line(function.view(), arguments) + " </dev/null\n";
  return *this;
}

ShellProgram& ShellProgram::finish(ShellText function, std::string_view name) {
  calls_ += call_line(function.view(), {std::string(name)}) + " \"$?\"\n";
  return *this;
}

ShellProgram& ShellProgram::converse(ShellText function, const std::vector<std::string>& arguments) {
  calls_ += call_line(function.view(), arguments) + '\n';
  return *this;
}

ShellProgram& ShellProgram::call(ShellText runner, const std::vector<std::string>& arguments,
                                 const Script& script) {
  for (const auto text : script.texts()) define(text);
  auto words = arguments;
  words.emplace_back(script.input() ? "base64" : "none");
  words.emplace_back(script.function());
  words.insert(words.end(), script.arguments().begin(), script.arguments().end());
  if (!script.input()) return call(runner, words);
  const auto end = "tidelock-" + nonce_;
  calls_ += call_line(runner.view(), words) + " <<'" + end + "'\n";
  calls_ += to_base64(*script.input(), base64_line) + end + '\n';
  return *this;
}

std::string ShellProgram::text() const {
  std::string program = "tl_program() {\ntl_nonce=" + nonce_ + "\n";
  for (const auto& text : texts_) program.append(text.view()).push_back('\n');
  return program + calls_ + "exit\n}\ntl_program\n";
}

}  // namespace tidelock
