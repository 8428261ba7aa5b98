#include "engine/base/hostlist.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

Names expanded(std::string_view text) {
  auto names = expand_hostlist(text);
  return names ? *names : Names{"error: " + names.error().detail};
}

std::string refused(std::string_view text) {
  const auto names = expand_hostlist(text);
  return names ? "accepted: " + join(*names, " ") : names.error().detail;
}

TEST(ExpandHostlist, NamesWithoutBracketsAreThemselves) {
  EXPECT_THAT(expanded("login"), ElementsAre("login"));
  EXPECT_THAT(expanded("a,b"), ElementsAre("a", "b"));
}

TEST(ExpandHostlist, RangesKeepTheWidthOfTheirLowerEnd) {
  EXPECT_THAT(expanded("node[001-003,7],login"),
              ElementsAre("node001", "node002", "node003", "node7", "login"));
  EXPECT_THAT(expanded("n[8-11]"), ElementsAre("n8", "n9", "n10", "n11"));
  EXPECT_THAT(expanded("n[098-101]"), ElementsAre("n098", "n099", "n100", "n101"));
  EXPECT_THAT(expanded("n[5]"), ElementsAre("n5"));
}

TEST(ExpandHostlist, SeveralBracketsMultiplyTheLastOneFastest) {
  EXPECT_THAT(expanded("r[1-2]n[1-2]-ib"), ElementsAre("r1n1-ib", "r1n2-ib", "r2n1-ib", "r2n2-ib"));
  EXPECT_THAT(expanded("192.168.122.[101-102]"), ElementsAre("192.168.122.101", "192.168.122.102"));
  EXPECT_THAT(expanded("[1-2]"), ElementsAre("1", "2"));
}

TEST(ExpandHostlist, RefusesWhatSlurmWouldNotUnderstand) {
  EXPECT_EQ(refused(""), "\"\": an empty name");
  EXPECT_EQ(refused("a,,b"), "a,,b: an empty name");
  EXPECT_EQ(refused("n[1-2"), "n[1-2: a [ without its ]");
  EXPECT_EQ(refused("n1-2]"), "n1-2]: a ] without its [");
  EXPECT_EQ(refused("n[2-1]"), "n[2-1]: the range 2-1 runs backwards");
  EXPECT_EQ(refused("n[]"), "n[]: \"\" is not a range");
  EXPECT_EQ(refused("n[1-x]"), "n[1-x]: 1-x is not a range");
  EXPECT_EQ(refused("n[1--2]"), "n[1--2]: 1--2 is not a range");
  EXPECT_EQ(refused("n[1[2]]"), "n[1[2]]: 1[2 is not a range");
  EXPECT_EQ(refused("n[1-2],n1"), "n[1-2],n1: n1 twice");
}

TEST(ExpandHostlist, RefusesAbsurdSizesBeforeBuildingThem) {
  EXPECT_THAT(refused("n[1-99999999999999]"), testing::EndsWith("has more than 65536 names"));
  EXPECT_THAT(refused("n[1-9999999999999999999]"), testing::EndsWith("is too large"));
  EXPECT_THAT(refused("n[0-999][0-999]"), testing::EndsWith("more than 65536 names"));
  EXPECT_THAT(refused("n[0-40000],m[0-40000]"), testing::EndsWith("more than 65536 names"));
  EXPECT_THAT(refused(std::string(1'000'000, 'a') + "[0-65535]"), testing::EndsWith("more than 255 bytes"));
  std::string many = "n";
  for (int i = 0; i < 100'000; ++i) many += "[0-60000]";
  EXPECT_THAT(refused(many), testing::EndsWith("more than 8 brackets in one name"));
}

TEST(ExpandHostlist, AcceptsTheLargestSize) {
  EXPECT_EQ(expanded("n[1-65536]").size(), max_hostlist_size);
  EXPECT_EQ(expanded("n[0-255]x[0-255]").size(), max_hostlist_size);
}

std::string folded(const Names& names) { return fold_hosts(names); }

TEST(FoldHosts, FoldsRunsOfNumbers) {
  EXPECT_EQ(folded({}), "");
  EXPECT_EQ(folded({"login"}), "login");
  EXPECT_EQ(folded({"node001", "node002", "node003"}), "node[001-003]");
  EXPECT_EQ(folded({"node003", "node001", "node7"}), "node[001,003,7]");
  EXPECT_EQ(folded({"n9", "n10", "n11"}), "n[9-11]");
  EXPECT_EQ(folded({"n09", "n10"}), "n[09-10]");
  EXPECT_EQ(folded({"n5"}), "n5");
}

TEST(FoldHosts, OrderIsByPrefixAsFirstSeen) {
  EXPECT_EQ(folded({"viz2", "controller", "viz1", "n1-ib", "n2-ib"}), "viz[1-2],controller,n[1-2]-ib");
}

TEST(FoldHosts, NumbersOfDifferentWidthStayApart) {
  EXPECT_EQ(folded({"n1", "n01", "n001"}), "n[1,01,001]");
  EXPECT_EQ(folded({"n9", "n010"}), "n[9,010]");
}

TEST(FoldHosts, ExpandsBackToTheSameSet) {
  std::mt19937 random(7);
  const Names prefixes{"node", "n", "viz-", "r1n", "", "a.b-"};
  const Names suffixes{"", "-ib", ".site"};
  for (int round = 0; round < 500; ++round) {
    std::set<std::string> names;
    for (auto left = random() % 40 + 1; left > 0; --left) {
      const auto width = random() % 4 + 1;
      const auto number = random() % 120;
      names.insert(fmt::format("{}{:0{}}{}", prefixes[random() % prefixes.size()], number, width,
                               suffixes[random() % suffixes.size()]));
    }
    Names shuffled(names.begin(), names.end());
    std::ranges::shuffle(shuffled, random);
    const auto text = folded(shuffled);
    const auto back = expanded(text);
    EXPECT_EQ(std::set<std::string>(back.begin(), back.end()), names) << text;
    EXPECT_EQ(back.size(), names.size()) << text;
    EXPECT_EQ(expanded(folded(back)), back) << text;
  }
}

TEST(ExpandHostlist, AnyBytesAreExpandedOrRefused) {
  std::mt19937 random(11);
  constexpr std::string_view alphabet = "n[]-,0129{} \n\xff";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random() % 16; left > 0; --left) text += alphabet[random() % alphabet.size()];
    const auto names = expand_hostlist(text);
    if (!names) continue;
    EXPECT_EQ(std::set<std::string>(names->begin(), names->end()).size(), names->size()) << text;
  }
}

}  // namespace
}  // namespace tidelock
