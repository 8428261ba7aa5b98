#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/ssh/sshd_fixture.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

constexpr std::size_t large = 20'000'000;
/// A pace at which `large` would take longer than `soon`.
constexpr std::uint64_t slow = 1'000'000;
constexpr auto soon = 10s;

/// Bytes that do not repeat themselves.
std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (auto& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

class SshdUpload : public Sshd {
 protected:
  void SetUp() override {
    Sshd::SetUp();
    if (IsSkipped()) return;
    sshd_.emplace();
    std::filesystem::create_directory(folder_ / "stage");
  }
  void TearDown() override { session_ = failure("closed"); }

  void log_in(const std::filesystem::path& key) {
    session_ = connect(sshd_->connection(key), sshd_->node());
    ASSERT_TRUE(session_) << failed(session_);
  }

  Result<void> send(const std::string& name, std::uint64_t pace = 0, Clock::duration limit = 60s) {
    const Upload upload{folder_ / "source", name, folder_ / "stage", folder_ / "basis", pace};
    return session_.value()->upload(upload, [this](auto done) { done_ = done; }, Deadline::in(limit));
  }

  Scratch folder_;
  std::optional<PrivateSshd> sshd_;
  Result<std::unique_ptr<Session>> session_ = failure("not connected");
  std::uint64_t done_ = 0;
};

TEST_F(SshdUpload, StartUpFilesMayTalk) {
  sshd_.emplace(
      "ForceCommand printf 'welcome\\nto the \\0site'; exec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n");
  log_in(sshd_->authorize("key"));
  folder_.write("source", noise(large));
  ASSERT_TRUE(send("image"));
  EXPECT_TRUE(content_of(folder_ / "stage/image") == noise(large));
}

TEST_F(SshdUpload, BringsHostileNames) {
  log_in(sshd_->authorize("a key's \"odd\" name %d ${HOME}"));
  folder_.write("source", "content");
  for (const std::string name : {"plain", " a b ", "-rf", "x:y", "a\nb", "$(touch x)`y`;'\"\\", "*?[é]"}) {
    const auto sent = send(name);
    ASSERT_TRUE(sent) << failed(sent);
    EXPECT_EQ(content_of(folder_ / "stage" / name), "content") << name;
  }
  EXPECT_EQ(done_, 7U);
}

TEST_F(SshdUpload, SendsOnlyWhatTheBasisLacks) {
  log_in(sshd_->authorize("key"));
  auto bytes = noise(large);
  folder_.write("basis/name", bytes);
  bytes.replace(large / 2, 10, "0123456789");
  folder_.write("source", bytes);
  std::filesystem::last_write_time(folder_ / "basis/name",
                                   std::filesystem::last_write_time(folder_ / "source"));
  const auto sent = send("name", slow, soon);
  ASSERT_TRUE(sent) << failed(sent);
  EXPECT_EQ(content_of(folder_ / "stage/name"), bytes);
  EXPECT_EQ(done_, large);
}

TEST_F(SshdUpload, GoesOnFromWhatArrived) {
  log_in(sshd_->authorize("key"));
  const auto bytes = noise(large);
  folder_.write("source", bytes);
  EXPECT_THAT(failed(send("name", 2 * slow, 6s)), StartsWith("Transfer took too long\nnode001 ("));
  const auto staged = folder_ / "stage/name";
  for (int i = 0; i < 2000 && !std::filesystem::exists(staged); ++i) std::this_thread::sleep_for(10ms);
  const auto arrived = content_of(staged);
  EXPECT_GT(arrived.size(), slow / 2);
  EXPECT_EQ(arrived, bytes.substr(0, arrived.size()));
  folder_.write("stage/name", bytes.substr(0, large - slow));
  const auto sent = send("name", slow, soon);
  ASSERT_TRUE(sent) << failed(sent);
  EXPECT_EQ(content_of(staged), bytes);
}

TEST_F(SshdUpload, BringsAFolderAndGoesOnFromWhatArrived) {
  log_in(sshd_->authorize("key"));
  auto bytes = noise(large);
  folder_.write("basis/large", bytes);
  bytes.replace(large / 2, 10, "0123456789");
  folder_.write("source/large", bytes);
  folder_.write("source/sub/new\nfile's", noise(3 * slow));
  folder_.write("source/left", "behind");
  folder_.write("stage/name/sub/new\nfile's", noise(3 * slow).substr(0, 2 * slow));
  const Upload upload{folder_ / "source", "name", folder_ / "stage", folder_ / "basis", slow, true, {"left"}};
  const auto sent = session_.value()->upload(upload, [this](auto done) { done_ = done; }, Deadline::in(soon));
  ASSERT_TRUE(sent) << failed(sent);
  EXPECT_TRUE(content_of(folder_ / "stage/name/large") == bytes);
  EXPECT_TRUE(content_of(folder_ / "stage/name/sub/new\nfile's") == noise(3 * slow));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "stage/name/left"));
  EXPECT_EQ(done_, large + 3 * slow);
}

TEST_F(SshdUpload, UsesAKeyThatNeededItsPassphrase) {
  int asked = 0;
  prompt_ = [&](std::string_view) {
    ++asked;
    return Secret("open sesame");
  };
  log_in(sshd_->authorize("locked", "ed25519", "open sesame"));
  folder_.write("source", "content");
  for (const auto* name : {"one", "two"}) {
    const auto sent = send(name);
    ASSERT_TRUE(sent) << failed(sent);
    EXPECT_EQ(content_of(folder_ / "stage" / name), "content");
  }
  EXPECT_EQ(asked, 1);
}

TEST_F(SshdUpload, AcceptsTheVerifiedHostKeyOnly) {
  log_in(sshd_->authorize("key"));
  folder_.write("source", "content");
  sshd_->restart_with_new_host_keys();
  const auto sent = send("name");
  EXPECT_THAT(failed(sent), StartsWith("Transfer failed\nnode001 ("));
  EXPECT_THAT(failed(sent), testing::HasSubstr("Host key verification failed"));
}

TEST_F(SshdUpload, SaysThatTheConnectionWasLost) {
  log_in(sshd_->authorize("key"));
  folder_.write("source", noise(large));
  const std::jthread killer([&] {
    std::this_thread::sleep_for(1s);
    sshd_->kill_connections();
  });
  EXPECT_THAT(failed(send("name", slow)), StartsWith("Connection was lost\nnode001 ("));
}

TEST_F(SshdUpload, CancellationEndsIt) {
  log_in(sshd_->authorize("key"));
  folder_.write("source", noise(large));
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(500ms);
    cancel_.trigger();
  });
  const auto start = Clock::now();
  EXPECT_THAT(failed(send("name", slow)), StartsWith("Interrupted\nnode001 ("));
  EXPECT_LT(Clock::now() - start, 5s);
}

}  // namespace
}  // namespace tidelock
