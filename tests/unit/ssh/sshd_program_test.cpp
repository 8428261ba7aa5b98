#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include "tests/unit/ssh/sshd_fixture.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// Logged in to an sshd of its own.
class SshdProgram : public Sshd {
 protected:
  void SetUp() override {
    Sshd::SetUp();
    if (IsSkipped()) return;
    sshd_.emplace();
    session_ = connect(sshd_->connection(sshd_->authorize("key")), sshd_->node());
    ASSERT_TRUE(session_) << failed(session_);
  }
  void TearDown() override { session_ = failure("closed"); }

  std::optional<PrivateSshd> sshd_;
  Result<std::unique_ptr<Session>> session_ = failure("not connected");
};

TEST_F(SshdProgram, Converses) {
  const auto exchange = started(
      session_, "tl_echo() { echo ready; while read -r line; do echo \"<$line>\"; done; echo bye >&2; }",
      "tl_echo");
  EXPECT_EQ(exchange->read(Deadline::in(20s)), "ready\n");
  for (const std::string line : {"one", "two $(x)"}) {
    ASSERT_TRUE(exchange->write(line + "\n", Deadline::in(20s)));
    EXPECT_EQ(exchange->read(Deadline::in(20s)), "<" + line + ">\n");
  }
}

TEST_F(SshdProgram, OneRunsAfterTheOther) {
  for (int i = 0; i < 10; ++i) ASSERT_EQ(greet(session_), "hello\n");
  // One that is left alone while it still talks does not get into the way either.
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(started(session_, "tl_yes() { yes; }", "tl_yes")->read(Deadline::in(20s)));
  EXPECT_EQ(greet(session_), "hello\n");
}

TEST_F(SshdProgram, BothOutputsAreDrainedAtOnce) {
  const auto exchange = started(session_,
                                "tl_chat() { head -c 10000000 /dev/zero >&2; head -c 10000000 /dev/zero; "
                                "head -c 10000000 /dev/zero >&2; echo last words >&2; }",
                                "tl_chat");
  const auto all = read_all(*exchange);
  ASSERT_TRUE(all) << failed(all);
  EXPECT_EQ(all->size(), 10'000'000U);
  EXPECT_EQ(exchange->errors().size(), 16U * 1024);
  EXPECT_TRUE(exchange->errors().ends_with("last words\n"));
}

/// An answer may arrive in the moment in which the other output is looked at.
TEST_F(SshdProgram, NoAnswerIsOverlooked) {
  const auto exchange = started(
      session_, "tl_echo() { echo ready; while read -r line; do echo noise >&2; echo; done; }", "tl_echo");
  ASSERT_EQ(exchange->read(Deadline::in(20s)), "ready\n");
  for (int i = 0; i < 20000; ++i) {
    ASSERT_TRUE(exchange->write("?\n", Deadline::in(20s)));
    const auto answer = exchange->read(Deadline::in(5s));
    ASSERT_EQ(answer, "\n") << "round " << i << failed(answer);
  }
}

TEST_F(SshdProgram, MuchIsWrittenWhileTheHostTalks) {
  const auto exchange = started(session_, "tl_cat() { echo ready; cat; }", "tl_cat");
  ASSERT_EQ(exchange->read(Deadline::in(20s)), "ready\n");  // a shell reads ahead until it has its program
  const std::string bytes(10'000'000, 'x');
  ASSERT_TRUE(exchange->write(bytes, Deadline::in(20s)));
  std::size_t back = 0;
  while (back < bytes.size()) {
    const auto some = exchange->read(Deadline::in(20s));
    ASSERT_TRUE(some) << failed(some);
    back += some->size();
  }
  EXPECT_EQ(back, bytes.size());
}

TEST_F(SshdProgram, ALongProgramArrivesWhole) {
  ShellProgram long_program("5a17");
  const std::vector<std::string> argument{std::string(3'000'000, 'x')};
  long_program.define("tl_size() { echo ${#1}; }").call("tl_size", argument);
  long_program.define("tl_exit() { exit 0; }").call("tl_exit");
  auto exchange = (*session_)->start(long_program, Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  EXPECT_EQ(read_all(**exchange), "3000000\n");
}

TEST_F(SshdProgram, TheDeadlineEndsAWait) {
  const auto exchange = started(session_, "tl_wait() { sleep 20; }", "tl_wait");
  const auto start = Clock::now();
  const auto late = exchange->read(Deadline::in(300ms));
  EXPECT_LT(Clock::now() - start, 2s);
  EXPECT_THAT(failed(late), StartsWith("Program did not answer in time\nnode001 ("));
}

TEST_F(SshdProgram, CancellationEndsAWait) {
  const auto exchange = started(session_, "tl_wait() { sleep 20; }", "tl_wait");
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    cancel_.trigger();
  });
  EXPECT_THAT(failed(exchange->read(Deadline::in(20s))), StartsWith("Interrupted\n"));
  EXPECT_THAT(failed(transport_->connect(sshd_->node(), Deadline::in(20s))), StartsWith("Interrupted\n"));
}

TEST_F(SshdProgram, TheServersDeathIsNoticed) {
  const auto exchange = started(session_, "tl_wait() { echo here; sleep 20; }", "tl_wait");
  ASSERT_EQ(exchange->read(Deadline::in(20s)), "here\n");
  sshd_->kill_connections();
  EXPECT_THAT(failed(exchange->read(Deadline::in(20s))), StartsWith("Connection was lost\nnode001 ("));
  const auto next = (*session_)->start(program("tl_x() { :; }", "tl_x"), Deadline::in(20s));
  EXPECT_THAT(failed(next), StartsWith("Connection was lost\n"));
}

TEST_F(SshdProgram, AServerThatRunsNothingIsToldOf) {
  sshd_.emplace("ForceCommand /bin/false\n");
  const auto session = connect(sshd_->connection(sshd_->authorize("key")), sshd_->node());
  const auto exchange = started(session, "tl_x() { :; }", "tl_x");
  EXPECT_EQ(read_all(*exchange), "");
  sshd_.emplace("MaxSessions 0\n");
  const auto none = connect(sshd_->connection(sshd_->authorize("key")), sshd_->node());
  ASSERT_TRUE(none) << failed(none);
  EXPECT_THAT(failed((*none)->start(program("tl_x() { :; }", "tl_x"), Deadline::in(20s))),
              StartsWith("Host runs no programs for us\nnode001 ("));
}

TEST_F(Sshd, AFrozenServerCostsTheDeadlineAndNoMore) {
  PrivateSshd sshd;
  sshd.signal(SIGSTOP);
  const auto start = Clock::now();
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node(), 500ms);
  EXPECT_LT(Clock::now() - start, 2s);
  EXPECT_THAT(failed(session), AllOf(StartsWith("Host did not answer\n"), HasSubstr("sent no SSH greeting")));
}

TEST_F(Sshd, SaysThatNothingListens) {
  PrivateSshd sshd;
  auto node = sshd.node();
  node.port = free_port();
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.user = me_;
  EXPECT_EQ(failed(connect(connection, node)),
            fmt::format("Host refused the connection\n"
                        "node001 ({}@127.0.0.1 port {}): nothing listens there\n"
                        "> Start sshd on the host, or set the node's port in the manifest",
                        me_, *node.port));
}

TEST_F(Sshd, SaysThatTheHostClosedTheConnection) {
  PrivateSshd sshd;
  const auto listener = listen_on_loopback();
  const std::jthread busy([&] {
    const FileDescriptor caller(accept(listener.get(), nullptr, nullptr));
    constexpr std::string_view words = "Exceeded MaxStartups\r\n";
    EXPECT_EQ(write(caller.get(), words.data(), words.size()), 22);
  });
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.user = me_;
  auto node = sshd.node();
  node.port = port_of(listener);
  EXPECT_EQ(
      failed(connect(connection, node)),
      fmt::format("Host closed the connection\n"
                  "node001 ({}@127.0.0.1 port {}): it said: Exceeded MaxStartups\n"
                  "> See sshd's log on the host: it may have too many logins under way (MaxStartups), or not "
                  "want us",
                  me_, *node.port));
}

TEST_F(Sshd, ConnectsFromManyThreads) {
  PrivateSshd sshd("MaxStartups 100\n");
  const auto first = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(first) << failed(first);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 32; ++i)
      threads.emplace_back([&] {
        if (greet(transport_->connect(sshd.node(), Deadline::in(20s))) == "hello\n") ++good;
      });
  }
  EXPECT_EQ(good, 32);
}

}  // namespace
}  // namespace tidelock
