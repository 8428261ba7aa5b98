#include "tests/unit/ssh/sshd_fixture.hpp"

#include <cstdlib>

#include "providers/ssh/askpass.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;

/// ssh-add starts this very program to be told a passphrase.
[[maybe_unused]] const bool is_askpass = [] {
  if (std::getenv(askpass_variable) != nullptr) std::_Exit(askpass_main());
  return false;
}();

}  // namespace

void Sshd::SetUp() {
  if (!PrivateSshd::is_installed()) GTEST_SKIP() << "there is no /usr/sbin/sshd here";
  unsetenv("SSH_AUTH_SOCK");
}

Result<std::unique_ptr<Session>> Sshd::connect(const Connection& connection, const ClusterNode& node,
                                               Clock::duration limit) {
  SshOptions options;
  options.prompt = prompt_;
  options.program = std::filesystem::read_symlink("/proc/self/exe");
  options.configuration = "/dev/null";
  transport_ = make_ssh_transport(connection, std::move(options), cancel_);
  return transport_->connect(node, Deadline::in(limit));
}

ShellProgram program(ShellText functions, ShellText function) {
  ShellProgram made("5a17");
  made.define(functions).converse(function).define("tl_exit() { exit 0; }").call("tl_exit");
  return made;
}

Result<std::string> read_all(Exchange& exchange) {
  std::string all;
  for (;;) {
    auto bytes = exchange.read(Deadline::in(20s));
    if (!bytes) return bytes;
    if (bytes->empty()) return all;
    all += *bytes;
  }
}

Result<std::string> greet(const Result<std::unique_ptr<Session>>& session) {
  if (!session) return std::unexpected(session.error());
  auto exchange = (*session)->start(program("tl_hello() { echo hello; }", "tl_hello"), Deadline::in(20s));
  if (!exchange) return std::unexpected(exchange.error());
  return read_all(**exchange);
}

std::unique_ptr<Exchange> started(const Result<std::unique_ptr<Session>>& session, ShellText functions,
                                  ShellText function) {
  EXPECT_TRUE(session) << failed(session);
  if (!session) return nullptr;
  auto exchange = (*session)->start(program(functions, function), Deadline::in(20s));
  EXPECT_TRUE(exchange) << failed(exchange);
  return exchange ? std::move(*exchange) : nullptr;
}

}  // namespace tidelock
