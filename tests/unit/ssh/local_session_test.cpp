#include "providers/ssh/local_session.hpp"

#include <csignal>
#include <thread>

#include <gmock/gmock.h>

#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using namespace std::chrono_literals;

class Local : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }  // as main does

  std::unique_ptr<Exchange> start(ShellText functions, ShellText function) {
    ShellProgram program("5a17");
    program.define(functions).converse(function).define("tl_exit() { exit 0; }").call("tl_exit");
    auto exchange = session_.start(program, Deadline::in(20s));
    EXPECT_TRUE(exchange) << one_line(exchange.error());
    return std::move(*exchange);
  }

  static std::string read_all(Exchange& exchange) {
    std::string all;
    for (auto bytes = exchange.read(Deadline::in(20s)); bytes && !bytes->empty();
         bytes = exchange.read(Deadline::in(20s)))
      all += *bytes;
    return all;
  }

  Cancellation cancel_;
  LocalSession session_{"controller", "alice", {"/bin/sh", "-s"}, cancel_};
};

TEST_F(Local, RunsAProgram) {
  EXPECT_EQ(read_all(*start("tl_hello() { echo \"hello $0\"; }", "tl_hello")), "hello /bin/sh\n");
  EXPECT_EQ(session_.login_user(), "alice");
}

TEST_F(Local, Converses) {
  auto exchange =
      start("tl_echo() { echo ready; while read -r line; do echo \"<$line>\"; done; }", "tl_echo");
  EXPECT_EQ(exchange->read(Deadline::in(20s)), "ready\n");
  for (const std::string line : {"one", "two"}) {
    ASSERT_TRUE(exchange->write(line + "\n", Deadline::in(20s)));
    EXPECT_EQ(exchange->read(Deadline::in(20s)), "<" + line + ">\n");
  }
}

TEST_F(Local, DrainsBothOutputsAtOnce) {
  auto exchange =
      start("tl_chat() { head -c 10000000 /dev/zero >&2; head -c 10000000 /dev/zero; echo last words >&2; }",
            "tl_chat");
  EXPECT_EQ(read_all(*exchange).size(), 10'000'000U);
  while (exchange->read(Deadline::in(20s)) != "") {
  }
  EXPECT_EQ(exchange->errors().size(), 16U * 1024);
}

TEST_F(Local, WritesWhileTheProgramTalks) {
  auto exchange = start("tl_cat() { echo ready; cat; }", "tl_cat");
  ASSERT_EQ(exchange->read(Deadline::in(20s)), "ready\n");
  ASSERT_TRUE(exchange->write(std::string(10'000'000, 'x'), Deadline::in(20s)));
  std::size_t back = 0;
  while (back < 10'000'000) back += exchange->read(Deadline::in(20s))->size();
  EXPECT_EQ(back, 10'000'000U);
}

TEST_F(Local, HonoursItsDeadline) {
  auto exchange = start("tl_wait() { sleep 20; }", "tl_wait");
  const auto start = Clock::now();
  EXPECT_EQ(exchange->read(Deadline::in(200ms)).error().summary, "Program did not answer in time");
  exchange.reset();
  EXPECT_LT(Clock::now() - start, 5s);
}

TEST_F(Local, ObeysCancellation) {
  auto exchange = start("tl_wait() { sleep 20; }", "tl_wait");
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    cancel_.trigger();
  });
  EXPECT_EQ(exchange->read(Deadline::in(20s)).error().summary, "Interrupted");
}

TEST_F(Local, AProgramThatIsGoneTakesNoInput) {
  auto exchange = start("tl_end() { echo so long >&2; exit 3; }", "tl_end");
  EXPECT_EQ(exchange->read(Deadline::in(20s)), "");
  const auto written = exchange->write(std::string(1'000'000, 'x'), Deadline::in(20s));
  EXPECT_EQ(one_line(written.error()),
            "Program ended early: controller: it ended before it had read its input");
}

TEST_F(Local, Uploads) {
  const Scratch folder;
  folder.write("image", "content");
  std::filesystem::create_directory(folder / "stage");
  std::uint64_t done = 0;
  const auto sent = session_.upload(
      {folder / "image", "new name", folder / "stage", "/nowhere", 0}, [&](auto bytes) { done = bytes; },
      Deadline::in(20s));
  ASSERT_TRUE(sent) << one_line(sent.error());
  EXPECT_EQ(content_of(folder / "stage/new name"), "content");
  EXPECT_EQ(done, 7U);
}

}  // namespace
}  // namespace tidelock::ssh
