#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "providers/ssh/transport.hpp"
#include "tests/unit/ssh/private_sshd.hpp"

namespace tidelock {

/// Tests against a real sshd. Without one they are skipped, and say so.
class Sshd : public testing::Test {
 protected:
  void SetUp() override;

  [[nodiscard]] Result<std::unique_ptr<Session>> connect(const Connection& connection,
                                                         const ClusterNode& node,
                                                         Clock::duration limit = std::chrono::seconds(20));
  /// The user that `connection` names, as messages show it.
  const std::string me_ = run({"id", "-un"}).substr(0, run({"id", "-un"}).find('\n'));
  SshLibrary library_;
  Cancellation cancel_;
  std::function<std::optional<Secret>(std::string_view)> prompt_;
  std::unique_ptr<Transport> transport_;
};

/// A program that calls one function, and then ends the shell, which otherwise waits for more on its stdin.
[[nodiscard]] ShellProgram program(ShellText functions, ShellText function);
/// All of a program's stdout.
[[nodiscard]] Result<std::string> read_all(Exchange& exchange);
/// "hello\n" from a session that works.
[[nodiscard]] Result<std::string> greet(const Result<std::unique_ptr<Session>>& session);
/// A started program, whose start must succeed.
[[nodiscard]] std::unique_ptr<Exchange> started(const Result<std::unique_ptr<Session>>& session,
                                                ShellText functions, ShellText function);

/// Summary, detail and advice of an error.
template <class T>
std::string failed(const Result<T>& result) {
  if (result) return "(it worked)";
  return result.error().summary + "\n" + result.error().detail + "\n> " + result.error().advice;
}

}  // namespace tidelock
