#include "providers/ssh/rsync.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(RsyncCommand, OverSsh) {
  const Upload upload{"/images/a b.sif", "a b.sif", "/opt/.tidelock-stage", "/opt/apptainers", 100'000'000};
  EXPECT_THAT(rsync_command(upload, RemoteShell{"/run/x/rsh.sh", "/run/x/config", "5a17"}),
              ElementsAre("rsync", "--protect-args", "--ignore-times", "--partial", "--perms", "--copy-links",
                          "--chmod=F600", "--timeout=60", "--info=progress2", "--no-inc-recursive",
                          "--no-human-readable", "--outbuf=L", "--bwlimit=97656",
                          "--copy-dest=/opt/apptainers", "--rsh=/bin/sh /run/x/rsh.sh /run/x/config 5a17",
                          "--", "/images/a b.sif", "host:/opt/.tidelock-stage/a b.sif"));
}

TEST(RsyncCommand, OnThisMachine) {
  const Upload upload{"/images/a", "b", "/stage/", "", 1};
  const auto command = rsync_command(upload, std::nullopt);
  EXPECT_THAT(command, AllOf(Contains("--bwlimit=1"), Contains("/stage/b"), Not(Contains(HasSubstr("--rsh"))),
                             Not(Contains(HasSubstr("--copy-dest")))));
}

TEST(RsyncCommand, OfAFolder) {
  Upload upload{"/site/dist", "new", "/var/www", "/var/www/old", 0, true};
  const auto whole = rsync_command(upload, std::nullopt);
  EXPECT_THAT(whole,
              AllOf(Contains("--recursive"), Contains("--links"), Contains("--delete"),
                    Contains("--copy-dest=/var/www/old"), Contains("/site/dist/"), Contains("/var/www/new"),
                    Not(Contains("--copy-links")), Not(Contains(HasSubstr("--exclude")))));
  upload.exclude = {"a"};
  EXPECT_THAT(rsync_command(upload, std::nullopt), AllOf(Contains("--from0"), Contains("--exclude-from=-")));
}

TEST(RsyncProgress, IsTheFirstNumberOfALine) {
  EXPECT_EQ(progress_in("      100000000 100%  162.97MB/s    0:00:00 (xfr#1, to-chk=0/1)"), 100'000'000U);
  EXPECT_EQ(progress_in("          20000   0%    0.00kB/s    0:00:00  "), 20'000U);
  EXPECT_EQ(progress_in(""), std::nullopt);
  EXPECT_EQ(progress_in("sent 10 bytes"), std::nullopt);
  EXPECT_EQ(progress_in("100% of it"), std::nullopt);
}

std::string told(int status, std::string_view errors) {
  const auto error = rsync_error("node001 (portal@10.0.0.1)", status, errors);
  return error.summary + "\n" + error.detail + "\n> " + error.advice;
}

TEST(RsyncError, NamesWhatFoldsOverHosts) {
  EXPECT_EQ(told(11,
                 "rsync: write failed on \"/s/a\": No space left on device (28)\n"
                 "rsync error: error in file IO (code 11) at receiver.c(393) [receiver=3.2.7]\n"),
            "No space left on the host\n"
            "node001 (portal@10.0.0.1): rsync exit 11\n"
            "| rsync: write failed on \"/s/a\": No space left on device (28)\n"
            "| rsync error: error in file IO (code 11) at receiver.c(393) [receiver=3.2.7]\n"
            "> Free some space; what arrived is kept for the next try");
  EXPECT_EQ(
      told(255,
           "Timeout, server 10.0.0.1 not responding.\r\nrsync: connection unexpectedly closed (0 bytes)\n"),
      "Connection was lost\n"
      "node001 (portal@10.0.0.1): rsync exit 255\n"
      "| Timeout, server 10.0.0.1 not responding.\n"
      "| rsync: connection unexpectedly closed (0 bytes)\n"
      "> What arrived is kept, and the next try goes on from there");
  EXPECT_EQ(told(127, "bash: line 1: rsync: command not found\n"),
            "Transfer failed\nnode001 (portal@10.0.0.1): rsync exit 127\n"
            "| bash: line 1: rsync: command not found\n> Install rsync on the host");
  EXPECT_EQ(told(23, ""), "Transfer failed\nnode001 (portal@10.0.0.1): rsync exit 23\n> ");
  EXPECT_THAT(told(255, "Host key verification failed."), testing::StartsWith("Transfer failed\n"));
}

class LocalRsync : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_ / "stage"); }

  Result<void> send(const std::string& name, Deadline deadline = Deadline::in(20s)) {
    const Upload upload{folder_ / "source", name, folder_ / "stage", folder_ / "basis", 0};
    return run_rsync(
        upload, {std::nullopt, "node001"}, [this](auto done) { progress_.push_back(done); }, deadline,
        cancel_);
  }

  Scratch folder_;
  Cancellation cancel_;
  std::vector<std::uint64_t> progress_;
};

TEST_F(LocalRsync, BringsHostileNames) {
  folder_.write("source", "content");
  for (const std::string name :
       {"plain", " a b ", "-rf", "x:y", "a\nb", "$(touch x)`y`;'\"\\", "*?[é]", "..."}) {
    const auto sent = send(name);
    ASSERT_TRUE(sent) << name << one_line(sent.error());
    EXPECT_EQ(content_of(folder_ / "stage" / name), "content") << name;
    EXPECT_EQ(std::filesystem::status(folder_ / "stage" / name).permissions(),
              static_cast<std::filesystem::perms>(0600));
  }
}

TEST_F(LocalRsync, ReplacesOtherContentOfEqualSizeAndTime) {
  folder_.write("source", "new");
  folder_.write("basis/name", "old");
  folder_.write("stage/name", "odd");
  for (const auto* file : {"basis/name", "stage/name"})
    std::filesystem::last_write_time(folder_ / file, std::filesystem::last_write_time(folder_ / "source"));
  ASSERT_TRUE(send("name"));
  EXPECT_EQ(content_of(folder_ / "stage/name"), "new");
}

TEST_F(LocalRsync, TellsHowFarItIs) {
  folder_.write("source", std::string(5'000'000, 'x'));
  ASSERT_TRUE(send("name"));
  ASSERT_FALSE(progress_.empty());
  EXPECT_TRUE(std::ranges::is_sorted(progress_));
  EXPECT_EQ(progress_.back(), 5'000'000U);
}

TEST_F(LocalRsync, ALinkStandsForItsFile) {
  folder_.write("image", "content");
  std::filesystem::create_symlink("image", folder_ / "source");
  ASSERT_TRUE(send("name"));
  EXPECT_TRUE(std::filesystem::is_regular_file(std::filesystem::symlink_status(folder_ / "stage/name")));
}

TEST_F(LocalRsync, SaysWhatItCannotSend) {
  EXPECT_EQ(one_line(send("name").error()),
            "Transfer failed: " + (folder_ / "source").native() + " is not a file that can be read");
  folder_.write("source", "content");
  std::filesystem::remove(folder_ / "stage");
  folder_.write("stage", "no folder");
  EXPECT_THAT(one_line(send("name").error()), testing::StartsWith("Transfer failed: node001: rsync exit "));
}

TEST_F(LocalRsync, KeepsWhatArrivedWhenStopped) {
  folder_.write("source", std::string(50'000'000, 'x'));
  const Upload slow{folder_ / "source", "name", folder_ / "stage", "", 5'000'000};
  const auto late = run_rsync(slow, {std::nullopt, "node001"}, {}, Deadline::in(500ms), cancel_);
  EXPECT_EQ(late.error().summary, "Transfer took too long");
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(200ms);
    cancel_.trigger();
  });
  const auto start = Clock::now();
  EXPECT_EQ(run_rsync(slow, {std::nullopt, "node001"}, {}, Deadline::in(20s), cancel_).error().summary,
            "Interrupted");
  EXPECT_LT(Clock::now() - start, 5s);
}

class LocalFolder : public LocalRsync {
 protected:
  Result<void> send_folder(std::vector<std::string> exclude = {}) {
    const Upload upload{folder_ / "source", "name", folder_ / "stage", folder_ / "basis", 0, true,
                        std::move(exclude)};
    return run_rsync(
        upload, {std::nullopt, "node001"}, [this](auto done) { progress_.push_back(done); },
        Deadline::in(20s), cancel_);
  }

  /// What is in the staged folder, sorted; directories with a slash behind, links with what they lead to.
  [[nodiscard]] std::vector<std::string> arrived() const {
    std::vector<std::string> names;
    const auto top = folder_ / "stage/name";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
      auto name = std::filesystem::path(entry.path()).lexically_relative(top).native();
      if (entry.is_symlink())
        name += " > " + std::filesystem::read_symlink(entry.path()).native();
      else if (entry.is_directory())
        name += '/';
      names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
  }

  void expect_mode(const std::string& name, unsigned mode) const {
    EXPECT_EQ(std::filesystem::symlink_status(folder_ / "stage/name" / name).permissions(),
              static_cast<std::filesystem::perms>(mode))
        << name;
  }
};

TEST_F(LocalFolder, BringsAllThatIsInIt) {
  folder_.write("source/a\nb $(touch x)", "hostile");
  folder_.write("source/-rf", "option");
  folder_.write("source/sub/run", "program");
  std::filesystem::permissions(folder_ / "source/sub/run", static_cast<std::filesystem::perms>(04755));
  std::filesystem::permissions(folder_ / "source/-rf", static_cast<std::filesystem::perms>(0466));
  std::filesystem::create_directory(folder_ / "source/empty");
  std::filesystem::create_symlink("sub/run", folder_ / "source/link");
  std::filesystem::create_symlink("nowhere", folder_ / "source/dangling");
  const auto sent = send_folder();
  ASSERT_TRUE(sent) << one_line(sent.error());
  EXPECT_THAT(arrived(), ElementsAre("-rf", "a\nb $(touch x)", "dangling > nowhere", "empty/",
                                     "link > sub/run", "sub/", "sub/run"));
  expect_mode("sub/run", 0700);
  expect_mode("sub", 0700);
  expect_mode("-rf", 0600);
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "stage/name/-rf"),
            std::filesystem::last_write_time(folder_ / "source/-rf"));
  ASSERT_FALSE(progress_.empty());
  EXPECT_EQ(progress_.back(), 20U);
}

TEST_F(LocalFolder, LeavesBehindWhatIsExcluded) {
  for (const auto* name : {"keep", "sub/keep", "gone", "sub/gone", "dir/deep/file", "x*y", "xzy", "a[b]c\\d",
                           "back\\slash", "# no comment", "new\nline", "- ", "stay/gone"})
    folder_.write(std::string("source/") + name, "content");
  const auto sent = send_folder(
      {"gone", "sub/gone", "dir", "x*y", "a[b]c\\d", "back\\slash", "# no comment", "new\nline", "- "});
  ASSERT_TRUE(sent) << one_line(sent.error());
  EXPECT_THAT(arrived(), ElementsAre("keep", "stay/", "stay/gone", "sub/", "sub/keep", "xzy"));
}

TEST_F(LocalFolder, RemovesWhatElseWasStaged) {
  folder_.write("source/file", "new");
  folder_.write("source/excluded", "x");
  folder_.write("stage/name/file/was/a/folder", "old");
  folder_.write("stage/name/.file.XyZabc", "left over");
  folder_.write("stage/name/excluded", "old");
  ASSERT_TRUE(send_folder({"excluded"}));
  EXPECT_THAT(arrived(), ElementsAre("file"));
}

TEST_F(LocalFolder, LeavesTheBasisAlone) {
  folder_.write("source/same", "same");
  folder_.write("source/other", "new");
  folder_.write("release/same", "same");
  folder_.write("release/other", "old");
  folder_.write("release/gone", "gone");
  std::filesystem::create_directory_symlink("release", folder_ / "basis");
  for (const auto* name : {"same", "other"})
    std::filesystem::last_write_time(folder_ / "release" / name,
                                     std::filesystem::last_write_time(folder_ / "source" / name));
  ASSERT_TRUE(send_folder());
  EXPECT_THAT(arrived(), ElementsAre("other", "same"));
  EXPECT_EQ(content_of(folder_ / "stage/name/other"), "new");
  EXPECT_EQ(std::filesystem::hard_link_count(folder_ / "stage/name/same"), 1U);
  EXPECT_EQ(content_of(folder_ / "release/other"), "old");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "release/gone"));
}

TEST_F(LocalFolder, SaysWhatItCannotSend) {
  EXPECT_EQ(one_line(send_folder().error()),
            "Transfer failed: " + (folder_ / "source").native() + " is not a folder that can be read");
}

}  // namespace
}  // namespace tidelock::ssh
