#include "engine/probe/shell_program.hpp"

#include <gtest/gtest.h>

#include "engine/base/process.hpp"

namespace tidelock {
namespace {

using namespace std::string_literals;

std::string run(const ShellProgram& program) {
  const Cancellation cancel;
  const std::vector<std::string> shell{"/bin/sh", "-s"};
  const auto ran = run_process(shell, program.text(), Deadline::in(std::chrono::seconds(20)), cancel);
  return ran ? ran->output : one_line(ran.error());
}

TEST(ShellProgram, ArgumentsArriveAsTheyAre) {
  const std::vector<std::string> hostile{
      "it's",    "$(touch /tmp/pwned)", "`id`", "a\nb", "-n", "\\", "", "*", "\"; echo", "~", "a\tb",
      "\x80\xff"};
  ShellProgram program("nonce");
  program.define("show() { for word; do printf '%s\\0' \"$word\"; done; }").call("show", hostile);
  std::string expected;
  for (const auto& word : hostile) expected += word + '\0';
  EXPECT_EQ(run(program), expected);
}

TEST(ShellProgram, InputIsBinarySafeAndEndsWhereItEnds) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i % 256);
  ShellProgram program("nonce");
  program.define("feed() { shift; base64 -d | \"$@\"; }");
  program.call("feed", {},
               Script("copy() { cat; printf '|%s|' \"$1\"; }", "copy").argument("x").input(bytes));
  program.call("echo", {"after"});
  EXPECT_EQ(run(program), bytes + "|x|after\n");
}

TEST(ShellProgram, CutShortAnywhereRunsNothing) {
  ShellProgram program("nonce");
  program.define("say() { echo ran; }").call("say").call("say", {"it's \n"});
  const auto text = program.text();
  const Cancellation cancel;
  const std::vector<std::string> shell{"/bin/sh", "-s"};
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    const auto ran = run_process(shell, std::string_view(text).substr(0, size),
                                 Deadline::in(std::chrono::seconds(20)), cancel);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->output, "") << size;
  }
}

TEST(ShellProgram, ATextIsDefinedOnce) {
  constexpr ShellText text = "f() { :; }";
  ShellProgram program("nonce");
  program.define(text).define(text);
  EXPECT_EQ(program.text(), "tl_program() {\ntl_nonce=nonce\nf() { :; }\nexit\n}\ntl_program\n");
}

TEST(ShellProgram, EndsThoughTheClientStaysConnected) {
  ShellProgram program("nonce");
  program.call("echo", {"ran"});
  const Cancellation cancel;
  const std::vector<std::string> shell{"/bin/sh", "-s"};
  const auto ran =
      run_process(shell, program.text() + "echo waited\n", Deadline::in(std::chrono::seconds(20)), cancel);
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->output, "ran\n");
}

}  // namespace
}  // namespace tidelock
