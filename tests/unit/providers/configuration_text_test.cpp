#include <algorithm>
#include <ctime>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/slurm/configuration/query.hpp"
#include "providers/slurm/configuration/text.hpp"
#include "tests/unit/providers/configuration_samples.hpp"

namespace tidelock::slurm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::string_literals;

TEST(ConfigurationText, LinesAreReadAsSlurmReadsThem) {
  EXPECT_EQ(said("ClusterName=a\nNodeName=n[1-2] CPUs=4\n"), "1 ClusterName=a\n2 NodeName=n[1-2] CPUs=4\n");
  EXPECT_EQ(said("  clustername = a # why\n"), "1 clustername=a\n");
  EXPECT_EQ(said("A=1\r\nB=2\r\n"), "1 A=1\n2 B=2\n");
  EXPECT_EQ(said("A=1"), "1 A=1\n");
  EXPECT_EQ(said("\n\n# A=1\n \t\r\nA+=1\n"), "5 A=1\n");
  EXPECT_EQ(said("NodeName=a Features= CPUs=4\n"),
            "1 NodeName=a Features=CPUs=4\n");  // the next word is the value
}

TEST(ConfigurationText, CommentsAreCutBeforeAnythingElse) {
  EXPECT_EQ(said("A=b#c\n"), "1 A=b\n");
  EXPECT_EQ(said("A=b\\#c\n"), "1 A=b#c\n");
  EXPECT_EQ(said("A=b\\\\#c\n"), "1 A=b\\\n");
  EXPECT_EQ(said("A=\"b#c\"\n"), "1 A=\"b\n");
}

TEST(ConfigurationText, BackslashesContinueLines) {
  EXPECT_EQ(said("NodeName=a \\\n  CPUs=4\nB=1\n"), "1 NodeName=a CPUs=4\n3 B=1\n");
  EXPECT_EQ(said("NodeName=a,\\\nb CPUs=4\n"), "1 NodeName=a,b CPUs=4\n");
  EXPECT_EQ(said("NodeName=a \\ \t\r\n  CPUs=4\n"), "1 NodeName=a CPUs=4\n");
  EXPECT_EQ(said("NodeName=a \\ # why\n  CPUs=4\n"), "1 NodeName=a CPUs=4\n");
  EXPECT_EQ(said("A=b # why \\\nC=d\n"), "1 A=b\n2 C=d\n");
  EXPECT_EQ(said("NodeName=a \\\n# why \\\nC=d\n"), "1 NodeName=a\n3 C=d\n");
  EXPECT_EQ(said("A=b\\\\\nC=d\n"), "1 A=b\\\n2 C=d\n");
  EXPECT_EQ(said("A=b\\"), "1 A=b\n");
}

TEST(ConfigurationText, QuotesCountAtBothEndsOfAValueOnly) {
  EXPECT_EQ(said("NodeName=a Reason=\"b c\" CPUs=1\n"), "1 NodeName=a Reason=b c CPUs=1\n");
  EXPECT_EQ(said("A=\"\"\n"), "1 A=\n");
  EXPECT_EQ(said("NodeName=a Reason=\"b\"c CPUs=1\n"), "1 NodeName=a Reason=\"b\"c CPUs=1\n");
  EXPECT_EQ(said("A=b\"c\"\n"), "1 A=b\"c\"\n");
  EXPECT_EQ(said("A=\"b\n"), "1 A=\"b\n");
}

TEST(ConfigurationText, IncludeLinesBeginInTheFirstColumn) {
  EXPECT_EQ(said("INCLUDE  /etc/slurm/%c/*.conf\n"), "1 include /etc/slurm/%c/*.conf\n");
  EXPECT_EQ(said(" Include a.conf\n"), "1 ?\n");
  EXPECT_EQ(said("Include=a\n"), "1 Include=a\n");
}

TEST(ConfigurationText, GresLinesBeginWithAnotherKey) {
  const auto text = ConfigurationText::parse(
      "AutoDetect=nvml\nName=gpu File=/dev/nvidia0\nNodeName=a Name=gpu Count=2\n", Dialect::gres_conf);
  EXPECT_EQ(said(text), "1 AutoDetect=nvml\n2 Name=gpu File=/dev/nvidia0\n3 NodeName=a Name=gpu Count=2\n");
  EXPECT_THAT(statements_of(text, Sort::gres), ElementsAre(1, 2));
  EXPECT_THAT(text.problems(), IsEmpty());
}

std::vector<Problem> problems(std::string text) {
  return ConfigurationText::parse(std::move(text), Dialect::slurm_conf).problems();
}

TEST(ConfigurationText, WhatSlurmWouldNotReadIsAProblem) {
  EXPECT_THAT(problems("A=1\nB\n"), ElementsAre(Problem{2, "not key=value"}));
  EXPECT_THAT(problems("A=\n"), ElementsAre(Problem{1, "not key=value"}));
  EXPECT_THAT(problems("A=1 B=2\n"),
              ElementsAre(Problem{1, "more behind the value, where Slurm takes one key in a line"}));
  EXPECT_THAT(problems("\nNodeName=a \\\nCPUs\n"),
              ElementsAre(Problem{2, "something in the record that is not key=value"}));
  EXPECT_THAT(problems("A=1\0B\n"s),
              ElementsAre(Problem{1, "a NUL byte, behind which Slurm does not see the rest of the line"}));
  EXPECT_EQ(said("A=1\0B\nC=1\\ \0\n2"s), "1 A=1\n2 C=12\n");
  EXPECT_THAT(problems("NodeName=all\n"), ElementsAre(Problem{1, "NodeName=ALL, a reserved word"}));
  EXPECT_THAT(problems("NodeName=a nodename=b\n"),
              ElementsAre(Problem{1, "the key that begins the record is there twice"}));
  EXPECT_THAT(problems("NodeName=default NodeAddr=b\n"),
              ElementsAre(Problem{1, "an address or host name for NodeName=DEFAULT"}));
}

TEST(ConfigurationText, IncludeLinesThatSlurmReadsBeyondAreProblems) {
  const Problem beyond{1, "no blank or line end behind the file name of Include, where Slurm expects one"};
  EXPECT_THAT(problems("Include a\n"), IsEmpty());
  EXPECT_THAT(problems("Include a # b\n"), IsEmpty());
  EXPECT_THAT(problems("Include a"), ElementsAre(beyond));
  EXPECT_THAT(problems("Include a#b\n"), ElementsAre(beyond));
  EXPECT_THAT(problems("Include \n"), ElementsAre(Problem{1, "Include without a file name"}));
  EXPECT_THAT(problems("Include a b\n"), ElementsAre(Problem{1, "more behind the file name of Include"}));
}

TEST(ConfigurationText, KeysThatBeginLikeOthersAreParameters) {
  EXPECT_EQ(said("NodeNames=a\nPartition=b\n"), "1 NodeNames=a\n2 Partition=b\n");
}

TEST(ConfigurationText, TheListOfProblemsEnds) {
  std::string text;
  for (std::size_t i = 0; i < 2 * max_problems; ++i) text += "?\n";
  const auto found = problems(text);
  EXPECT_EQ(found.size(), max_problems + 1);
  EXPECT_EQ(found.back(), (Problem{max_problems + 1, "more problems, which are not listed"}));
}

TEST(ConfigurationText, TextsThatAreNoConfigurationAreKept) {
  const std::string text(max_configuration_text + 1, '\n');
  const auto configuration = ConfigurationText::parse(text, Dialect::slurm_conf);
  EXPECT_EQ(configuration.text(), text);
  EXPECT_THAT(configuration.problems(),
              ElementsAre(Problem{0, "longer than 4.2 MB, which no configuration is"}));
}

TEST(ConfigurationText, GarbageIsReadInLinearTime) {
  for (const auto* piece :
       {"A=\"b ", "\\", "\\\n", "#", "=", "A=b ", "\"", "A=b\n", "NodeName=a \\#\n", "\\ #\n"}) {
    std::string text = "NodeName=a ";
    while (text.size() < 4'000'000) text += piece;
    const auto begin = std::clock();
    EXPECT_EQ(ConfigurationText::parse(text, Dialect::slurm_conf).text(), text);
    EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 20) << piece;
  }
}

/// What lies between the statements.
std::string rest_of(const ConfigurationText& configuration) {
  std::string rest;
  std::size_t at = 0;
  for (const auto& statement : configuration.statements()) {
    rest += configuration.text().substr(at, statement.at.begin - at);
    at = statement.at.end;
  }
  return rest + configuration.text().substr(at);
}

/// A statement says the same wherever it stands, and spans whole lines.
void expect_self_contained(const ConfigurationText& configuration, const Statement& statement) {
  const auto& text = configuration.text();
  const auto own = ConfigurationText::parse(
      text.substr(statement.at.begin, statement.at.end - statement.at.begin), configuration.dialect());
  ASSERT_EQ(own.statements().size(), 1);
  EXPECT_EQ(own.statements()[0].pairs.size(), statement.pairs.size());
  EXPECT_EQ(said(own.statements()[0]), said(statement));
  EXPECT_TRUE(statement.at.begin == 0 || text[statement.at.begin - 1] == '\n');
  EXPECT_TRUE(statement.at.end == text.size() || text[statement.at.end - 1] == '\n');
  EXPECT_EQ(
      statement.line,
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(statement.at.begin), '\n'));
}

TEST(ConfigurationText, AnyBytesAreKeptAndStatementsCoverAllThatIsSaid) {
  for (unsigned seed = 1; seed <= 5000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Samples samples(seed);
    const auto text = samples.garbage();
    const auto configuration =
        ConfigurationText::parse(text, seed % 2 == 0 ? Dialect::slurm_conf : Dialect::gres_conf);
    ASSERT_EQ(configuration.text(), text);
    for (const auto& statement : configuration.statements()) expect_self_contained(configuration, statement);
    EXPECT_EQ(said(ConfigurationText::parse(rest_of(configuration), configuration.dialect())), "");
    if (testing::Test::HasFailure()) FAIL() << testing::PrintToString(text);
  }
}

TEST(ConfigurationQuery, TheLastLineOfAParameterCounts) {
  const auto text = ConfigurationText::parse("A=1\nInclude x\na=2\nB=1\n", Dialect::slurm_conf);
  EXPECT_EQ(parameter(text, "A"), (Effective{"2", 2, true}));
  EXPECT_THAT(parameters(text, "A"), ElementsAre(0, 2));
  EXPECT_EQ(parameter(text, "C"), (Effective{{}, {}, false}));
  const auto other = ConfigurationText::parse("A=1\nNodeName=a A=2\nInclude x\n", Dialect::slurm_conf);
  EXPECT_EQ(parameter(other, "A"), (Effective{"1", 0, false}));
}

TEST(ConfigurationQuery, RecordsAreFoundByNameInItsCase) {
  const auto text =
      ConfigurationText::parse("NodeSet=p\nPartitionName=P\nPartitionName=p\n", Dialect::slurm_conf);
  EXPECT_EQ(find_record(text, Sort::partition, "p"), 2);
  EXPECT_EQ(find_record(text, Sort::partition, "q"), std::nullopt);
}

constexpr auto with_defaults =
    "NodeName=DEFAULT CPUs=4 State=UNKNOWN\n"           // 0
    "NodeName=a CPUs=8 cpus=16\n"                       // 1
    "nodename=default RealMemory=100 State=UP\n"        // 2
    "NodeName=b\n"                                      // 3
    "Include more\n"                                    // 4
    "PartitionName=DEFAULT MaxTime=60 SuspendTime=5\n"  // 5
    "PartitionName=p\n"                                 // 6
    "NodeName=c State=DOWN\n"                           // 7
    "DownNodes=c State=DOWN\n";                         // 8

TEST(ConfigurationQuery, DefaultsAddUpForLaterRecords) {
  const auto text = ConfigurationText::parse(with_defaults, Dialect::slurm_conf);
  const Defaults defaults(text);
  EXPECT_EQ(defaults.value(text, 1, "CPUs"), (Effective{"16", 1, true}));
  EXPECT_EQ(defaults.value(text, 1, "STATE"), (Effective{"UNKNOWN", 0, true}));
  EXPECT_EQ(defaults.value(text, 1, "RealMemory"), (Effective{{}, {}, true}));
  EXPECT_EQ(defaults.value(text, 3, "State"), (Effective{"UP", 2, true}));
  EXPECT_EQ(defaults.value(text, 3, "CPUs"), (Effective{"4", 0, true}));
}

TEST(ConfigurationQuery, WhatAnIncludedFileMayChangeIsNotCertain) {
  const auto text = ConfigurationText::parse(with_defaults, Dialect::slurm_conf);
  const Defaults defaults(text);
  EXPECT_EQ(defaults.value(text, 7, "CPUs"), (Effective{"4", 0, false}));
  EXPECT_EQ(defaults.value(text, 7, "Weight"), (Effective{{}, {}, false}));
  EXPECT_EQ(defaults.value(text, 7, "State"), (Effective{"DOWN", 7, true}));
  EXPECT_EQ(defaults.value(text, 6, "MaxTime"), (Effective{"60", 5, true}));
}

TEST(ConfigurationQuery, SomeKeysAreNeverInherited) {
  const auto text = ConfigurationText::parse(with_defaults, Dialect::slurm_conf);
  const Defaults defaults(text);
  EXPECT_EQ(defaults.value(text, 6, "SuspendTime"), (Effective{{}, {}, true}));
  EXPECT_EQ(defaults.value(text, 6, "CPUs"), (Effective{{}, {}, false}));
  EXPECT_EQ(defaults.value(text, 8, "Reason"), (Effective{{}, {}, true}));
}

}  // namespace
}  // namespace tidelock::slurm
