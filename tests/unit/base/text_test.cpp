#include "engine/base/text.hpp"

#include <chrono>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidelock {
namespace {

using testing::ElementsAre;
using std::string_literals::operator""s;

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("plain text, ümläut, 漢字 🙂"), "plain text, ümläut, 漢字 🙂");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, EscapesWhatMovesTheCursor) {
  EXPECT_EQ(printable("a\nb\tc"), "a\\nb\\tc");
  EXPECT_EQ(printable("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(printable("a\0b"s), "a\\x00b");
  EXPECT_EQ(printable("\x7f\r"), "\\x7f\\x0d");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
}

TEST(Printable, EscapesWhatReordersTheText) {
  EXPECT_EQ(printable("a\u202eb"), "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(printable("\u2066x\u2069"), "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9");
  EXPECT_EQ(printable("\u200b"), "\\xe2\\x80\\x8b");
}

TEST(Printable, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("a\xc3"), "a\\xc3");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(Printable, AnyBytesComeOutAsOneSafeLine) {
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 24; left > 0; --left) text += static_cast<char>(random());
    const auto safe = printable(text);
    EXPECT_TRUE(is_utf8(safe));
    EXPECT_EQ(printable(safe), safe);
    EXPECT_EQ(safe.find_first_of("\n\r\x1b\x7f"), std::string::npos);
  }
}

TEST(Shown, QuotesOnlyWhereNeeded) {
  EXPECT_EQ(shown("node001"), "node001");
  EXPECT_EQ(shown(""), "\"\"");
  EXPECT_EQ(shown("two words"), "\"two words\"");
  EXPECT_EQ(shown("line\n"), "\"line\\n\"");
}

TEST(Shown, TellsEscapesFromWhatLooksLikeThem) {
  EXPECT_EQ(shown("line\\n"), R"("line\\n")");
  EXPECT_EQ(shown(R"(a "b" c)"), R"("a \"b\" c")");
}

TEST(ValidUtf8, CountsTheBytesBeforeTheFirstThatIsWrong) {
  EXPECT_EQ(valid_utf8("äb"), 3U);
  EXPECT_EQ(valid_utf8("ä\xff"), 2U);
  EXPECT_EQ(valid_utf8("a\xe2\x82"), 1U);
  EXPECT_EQ(valid_utf8(""), 0U);
  EXPECT_TRUE(is_utf8("äb"));
  EXPECT_FALSE(is_utf8("ä\xff"));
}

std::string meant(std::string_view word, std::vector<std::string> candidates) {
  return closest(word, candidates).value_or("nothing");
}

TEST(Closest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> keys{"owner", "group", "mode", "protect", "ignore", "detect_only"};
  EXPECT_EQ(meant("ownr", keys), "owner");
  EXPECT_EQ(meant("mdoe", keys), "mode");
  EXPECT_EQ(meant("Owner", keys), "owner");
  EXPECT_EQ(meant("MODE", keys), "mode");
  EXPECT_EQ(meant("detectonly", keys), "detect_only");
  EXPECT_EQ(meant("protected", keys), "protect");
  EXPECT_EQ(meant("gruop", keys), "group");
}

TEST(Closest, FindsNothingWhereNothingIsNear) {
  EXPECT_EQ(meant("frobnicate", {"owner", "group"}), "nothing");
  EXPECT_EQ(meant("x", {"a", "b"}), "nothing");
  EXPECT_EQ(meant("", {"a"}), "nothing");
  EXPECT_EQ(meant("a", {}), "nothing");
}

TEST(Closest, TakesTheNearestAndTheFirstOfEquals) {
  EXPECT_EQ(meant("vis", {"vixen", "viz", "vim"}), "viz");
  EXPECT_EQ(meant("c", {"cc"}), "cc");
}

TEST(Closest, IsQuickWithAbsurdWords) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(meant(std::string(4'000'000, 'a'), {"owner", "group"}), "nothing");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(Join, PutsSeparatorsBetween) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(HumanBytes, HasDecimalUnits) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(841'200'000), "841.2 MB");
  EXPECT_EQ(human_bytes(999'949), "999.9 kB");
  EXPECT_EQ(human_bytes(999'960), "1.0 MB");
  EXPECT_EQ(human_bytes(UINT64_MAX), "18.4 EB");
}

TEST(CountOf, SaysOneOrMany) {
  EXPECT_EQ(count_of(1, "file"), "1 file");
  EXPECT_EQ(count_of(0, "file"), "0 files");
  EXPECT_EQ(count_of(2, "file"), "2 files");
}

TEST(GlobMatches, WholeText) {
  EXPECT_TRUE(glob_matches("vnc_*.sif", "vnc_desktop.sif"));
  EXPECT_FALSE(glob_matches("vnc_*.sif", "my_vnc_desktop.sif"));
  EXPECT_TRUE(glob_matches("viz*:directory:*", "viz-node001:directory:/scratch/a/b"));
  EXPECT_TRUE(glob_matches("n[0-9]?", "n12"));
  EXPECT_FALSE(glob_matches("n[0-9]?", "n1"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("a\\b", "a\\b"));
  EXPECT_FALSE(glob_matches("a", "a\0b"s));
}

TEST(Glob, OfATextMatchesThatTextAlone) {
  for (const std::string& text : std::vector<std::string>{"lead:slurm_config:A", "n1:file:/a[1-2]*?.conf",
                                                          "[", "]", "[!a]", "a\\*", "", "n:k:a\nb"}) {
    EXPECT_TRUE(glob_matches(as_glob(text), text)) << text;
    EXPECT_FALSE(glob_matches(as_glob(text), text + "x")) << text;
    EXPECT_FALSE(glob_matches(as_glob(text), "x" + text)) << text;
  }
  EXPECT_FALSE(glob_matches(as_glob("a*"), "ab"));
  EXPECT_FALSE(glob_matches(as_glob("a?"), "ab"));
  EXPECT_FALSE(glob_matches(as_glob("n[1-2]"), "n1"));
}

}  // namespace
}  // namespace tidelock
