#include <chrono>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

std::string words(std::string_view text) {
  const auto result = expand_braces(text);
  return result ? join(*result, " ") : "error: " + result.error().detail;
}

TEST(ExpandBraces, AlternativesAsInBash) {
  EXPECT_EQ(words("/scratch/{a,b}"), "/scratch/a /scratch/b");
  EXPECT_EQ(words("{a,b}{1,2}"), "a1 a2 b1 b2");
  EXPECT_EQ(words("x{a,b{1,2},c}y"), "xay xb1y xb2y xcy");
  EXPECT_EQ(words("{a,}b"), "ab b");
  EXPECT_EQ(words("{,a}"), " a");
  EXPECT_EQ(words("{a,a}"), "a a");
}

TEST(ExpandBraces, BracesWithoutACommaAreText) {
  EXPECT_EQ(words(""), "");
  EXPECT_EQ(words("plain"), "plain");
  EXPECT_EQ(words("{}"), "{}");
  EXPECT_EQ(words("{a}"), "{a}");
  EXPECT_EQ(words("a}b"), "a}b");
  EXPECT_EQ(words("a{b"), "a{b");
  EXPECT_EQ(words("{a{b,c}}"), "{ab} {ac}");
  EXPECT_EQ(words("{a{b,c}"), "{ab {ac");
  EXPECT_EQ(words("a,b"), "a,b");
  EXPECT_EQ(words("{a},b{c,d}"), "{a},bc {a},bd");
}

TEST(ExpandBraces, RefusesAListWithoutItsEnd) {
  EXPECT_EQ(words("/x/{a,b"), "error: /x/{a,b: a { without its }");
  EXPECT_EQ(words("{a,{b}"), "error: {a,{b}: a { without its }");
}

TEST(ExpandBraces, RefusesWhatBecomesTooMuch) {
  std::string doubling;
  for (int i = 0; i < 40; ++i) doubling += "{a,b}";
  EXPECT_THAT(words(doubling), EndsWith("more than 65536 words"));
  const auto long_words = std::string(60'000, 'x') + "{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}{1,2}";
  EXPECT_THAT(words(long_words), EndsWith("its words are too long"));
  std::string nested;
  for (int i = 0; i < 1000; ++i) nested += "{a,";
  nested += std::string(1000, '}');
  EXPECT_THAT(words(nested), EndsWith("too deep"));
  EXPECT_THAT(words(std::string(1 << 20, '{')), EndsWith("the text is too long"));
}

TEST(ExpandBraces, IsQuickWithHostileText) {
  const auto begin = std::chrono::steady_clock::now();
  std::string text;
  for (int i = 0; i < 12; ++i) text += "{a,b}";
  text += std::string(1000, '{') + std::string(1000, ',');
  words(text);
  words(std::string(60'000, '{'));
  words("{a," + std::string(60'000, '{'));
  words(std::string(30'000, '{') + std::string(30'000, '}'));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

/// A plain, slow way to say what braces mean, to compare with.
std::vector<std::string> slow_words(const std::string& text) {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    std::vector<std::size_t> cuts{open};
    std::size_t depth = 0;
    for (auto i = open; i < text.size(); ++i) {
      if (text[i] == '{') ++depth;
      if (text[i] == ',' && depth == 1) cuts.push_back(i);
      if (text[i] == '}' && --depth == 0) {
        cuts.push_back(i);
        break;
      }
    }
    if (depth > 0 || cuts.size() < 3) continue;
    std::vector<std::string> result;
    for (std::size_t n = 0; n + 1 < cuts.size(); ++n)
      for (auto& word :
           slow_words(text.substr(0, open) + text.substr(cuts[n] + 1, cuts[n + 1] - cuts[n] - 1) +
                      text.substr(cuts.back() + 1)))
        result.push_back(std::move(word));
    return result;
  }
  return {text};
}

TEST(ExpandBraces, AgreesWithThePlainDefinition) {
  std::mt19937 random(3);
  constexpr std::string_view alphabet = "ab/{{}},,";
  int compared = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    for (auto left = random() % 14; left > 0; --left) text += alphabet[random() % alphabet.size()];
    const auto result = expand_braces(text);
    if (!result) continue;
    ++compared;
    ASSERT_EQ(*result, slow_words(text)) << text;
  }
  EXPECT_GT(compared, 20'000);
}

}  // namespace
}  // namespace tidelock
