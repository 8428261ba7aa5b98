#include "providers/files/tree_source.hpp"

#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "providers/common/releases.hpp"
#include "providers/files/tree_diff.hpp"

namespace tidelock::files {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

class TreeSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) /
        fmt::format("tree-{}-{}", testing::UnitTest::GetInstance()->current_test_info()->name(), getpid());
    fs::create_directories(folder_ / "tree");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text, mode_t mode = 0644) const {
    fs::create_directories((folder_ / "tree" / name).parent_path());
    std::ofstream(folder_ / "tree" / name, std::ios::binary) << text;
    chmod((folder_ / "tree" / name).c_str(), mode);
  }
  void link(const std::string& name, const std::string& target) const {
    fs::create_symlink(target, folder_ / "tree" / name);
  }
  TreeSource read(std::vector<std::string> exclude = {}) {
    return read_tree(folder_ / "tree", std::move(exclude), digests_);
  }
  /// What tree_sum in tree_steps.sh makes of the folder, on hosts.
  [[nodiscard]] std::string sum_by_shell() const {
    const auto script = fs::path(TIDELOCK_SOURCE_DIR) / "providers/files/tree_steps.sh";
    const std::vector<std::string> command{
        "env", "LC_ALL=C", "/bin/sh",       "-c", ". \"$1\"; cd -- \"$2\" && tree_sum",
        "sh",  script,     folder_ / "tree"};
    const Cancellation cancel;
    const auto said = run_process(command, {}, Deadline::in(std::chrono::seconds(20)), cancel);
    return said ? said->output.substr(0, 64) : one_line(said.error());
  }

  fs::path folder_;
  SourceDigests digests_{"/nonexistent/cache"};
};

TEST_F(TreeSourceTest, HostsMakeTheSameDigest) {
  write("plain", "text");
  write("run", "program", 0755);
  write("group may run it", "no program", 0654);
  write("-", "stdin");
  write("-rf", "option");
  write("a\nb'\"\\ $(x)", "hostile");
  write("a/b", "1");
  write("a-b", "2");
  write("a.b/c", "3");
  write("ünïcode", "");
  fs::create_directory(folder_ / "tree/empty");
  link("a/up", "../plain");
  link("dangling", "no\nwhere");
  const auto source = read();
  EXPECT_THAT(source.problems, IsEmpty());
  EXPECT_EQ(source.tree->sha256, sum_by_shell());
  EXPECT_EQ(source.tree->entries.size(), 15U);
}

TEST_F(TreeSourceTest, AnEmptyTreeHasADigestToo) { EXPECT_EQ(read().tree->sha256, sum_by_shell()); }

TEST_F(TreeSourceTest, EveryPartCounts) {
  write("a", "1");
  const auto digest = [&] { return read().tree->sha256; };
  const auto first = digest();
  write("a", "2");
  const auto other = digest();
  EXPECT_NE(other, first);
  write("a", "1", 0755);
  EXPECT_NE(digest(), first);
  write("a", "1", 0600);
  EXPECT_EQ(digest(), first);
  fs::create_directory(folder_ / "tree/d");
  EXPECT_NE(digest(), first);
  fs::remove(folder_ / "tree/d");
  fs::rename(folder_ / "tree/a", folder_ / "tree/b");
  EXPECT_NE(digest(), first);
}

TEST_F(TreeSourceTest, LinksStayInside) {
  fs::create_directories(folder_ / "tree/a/b");
  for (const auto* target : {"..", "../..", "x", "./x/y", "../../a/b", "../.."}) {
    link("a/b/l", target);
    EXPECT_THAT(read().problems, IsEmpty()) << target;
    fs::remove(folder_ / "tree/a/b/l");
  }
  for (const auto* target :
       {"/etc/passwd", "../../..", "../../../tree", "x/../../../..", "x/..", "./../x/.."}) {
    link("a/b/l", target);
    EXPECT_THAT(read().problems, ElementsAre(HasSubstr("leads, or may lead, out of the folder"))) << target;
    fs::remove(folder_ / "tree/a/b/l");
  }
}

TEST_F(TreeSourceTest, RefusesWhatCannotBeSent) {
  mkfifo((folder_ / "tree/pipe").c_str(), 0600);
  write("bad \xff name", "x");
  auto problems = read().problems;
  std::ranges::sort(problems);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("its name is not UTF-8"),
                                    HasSubstr("pipe: it is no directory, regular file or symbolic link")));
  EXPECT_THAT(read({"pipe", "bad*"}).problems, IsEmpty());
}

TEST_F(TreeSourceTest, LeavesOutWhatIsExcluded) {
  for (const auto* name : {"a", "x.map", "d/x.map", "d/a", "cache/a", "d/cache/b", "e/f/a"}) write(name, "x");
  const auto source = read({"*.map", "cache/", "/e/f"});
  std::vector<std::string> names;
  for (const auto& entry : source.tree->entries) names.push_back(entry.name);
  EXPECT_THAT(names, ElementsAre("a", "d", "d/a", "e"));
  auto left = source.tree->left_out;
  std::ranges::sort(left);
  EXPECT_THAT(left, ElementsAre("cache", "d/cache", "d/x.map", "e/f", "x.map"));
  EXPECT_TRUE(is_excluded("d/cache/deep/in/it", source.tree->exclude));
  EXPECT_FALSE(is_excluded("d/cached", source.tree->exclude));
}

TEST(TreeDiff, ListsNotTooMuch) {
  std::vector<TreeEntry> before{
      {"a", 'f', "1", 0}, {"b", 'f', "1", 0}, {"c", 'f', "1", 0}, {"e", 'd', "", 0}};
  std::vector<TreeEntry> after{
      {"a", 'f', "1", 0}, {"b", 'x', "1", 0}, {"c", 'f', "2", 0}, {"d\n", 'f', "1", 0}};
  EXPECT_EQ(tree_diff(before, after), "~ b\n~ c\n+ \"d\\n\"\n- e/\n");
  before.clear();
  after.clear();
  for (int i = 10; i < 50; ++i) after.push_back({fmt::format("{}", i), 'f', "", 0});
  EXPECT_THAT(tree_diff(before, after), testing::EndsWith("+ 29\n  and 20 more\n"));
}

TEST(TreeModes, ProgramsMayBeRunByWhoMayReadThem) {
  EXPECT_EQ(program_mode("0644"), "0755");
  EXPECT_EQ(program_mode("0640"), "0750");
  EXPECT_EQ(program_mode("0400"), "0500");
}

TEST(TreeReleases, HaveNamesThatNothingElseHas) {
  EXPECT_TRUE(is_release_name("1-0123456789ab"));
  EXPECT_TRUE(is_release_name("123456789-0123456789ab"));
  for (const auto* name :
       {"", "-0123456789ab", "0-0123456789ab", "01-0123456789ab", "1-0123456789a", "1-0123456789abc",
        "1-0123456789aB", "1234567890-0123456789ab", "1/2-0123456789ab", "1-0123456789ab/x", "x"})
    EXPECT_FALSE(is_release_name(name)) << name;
}

}  // namespace
}  // namespace tidelock::files
