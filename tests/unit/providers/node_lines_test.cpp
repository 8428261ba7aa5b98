#include "providers/slurm/configuration/node_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/text.hpp"
#include "providers/slurm/configuration/query.hpp"
#include "tests/unit/providers/configuration_samples.hpp"

namespace tidelock::slurm {
namespace {

using testing::ElementsAre;
using testing::Pair;
using Names = std::vector<std::string>;

ConfigurationText slurm_conf(std::string text) {
  return ConfigurationText::parse(std::move(text), Dialect::slurm_conf);
}

std::string text_of(const Result<ConfigurationText>& edited) {
  return edited ? edited->text() : "refused: " + edited.error().detail;
}

std::string change(std::string text, const Names& names, const std::vector<Setting>& settings) {
  return text_of(change_nodes(slurm_conf(std::move(text)), names, settings));
}

std::string split_off(std::string text, std::size_t statement, const Names& names) {
  return text_of(split_nodes(slurm_conf(std::move(text)), statement, names));
}

TEST(NodeNames, BlanksSeparateToo) {
  EXPECT_EQ(expand_node_names(" a, b,,\tc"), (Names{"a", "b", "c"}));
  EXPECT_FALSE(expand_node_names("c[1, 2]"));
  EXPECT_EQ(expand_node_names("r[1-2]n[1-2]"), (Names{"r1n1", "r1n2", "r2n1", "r2n2"}));
}

TEST(NodeNames, NothingStandsBehindTheLastBracket) {
  EXPECT_FALSE(expand_node_names("n[1-2]-ib"));
  EXPECT_FALSE(expand_node_names("a,n[1-2]x,b[1-2]"));
  EXPECT_TRUE(expand_node_names("n[1-2]x[1-2]"));
}

TEST(NodeNames, FoldedInTheirOrder) {
  EXPECT_EQ(fold_node_names(Names{"n1", "n2", "n4", "login"}), "n[1-2,4],login");
  EXPECT_EQ(fold_node_names(Names{"n2", "n1"}), "n2,n1");
  EXPECT_EQ(fold_node_names(Names{"n1-ib", "n2-ib"}), "n1-ib,n2-ib");
}

TEST(NodeLines, SayWhereEachNodeIs) {
  const auto text = slurm_conf("NodeName=DEFAULT CPUs=1\nNodeName=a,b\nA=1\nNodeName=b\n");
  EXPECT_THAT(*node_lines(text), ElementsAre(Pair("a", ElementsAre(1)), Pair("b", ElementsAre(1, 3))));
  EXPECT_EQ(node_lines(slurm_conf("\nNodeName=a[\n")).error().detail,
            "line 2: Host list is not valid: a[: a [ without its ]");
}

TEST(NodeLines, OfGresHaveANodeNameFirst) {
  const auto text = ConfigurationText::parse(
      "Name=gpu File=/dev/a\nNodeName=a Name=gpu\nNodeName=a Name=mps\n", Dialect::gres_conf);
  EXPECT_THAT(*node_lines(text), ElementsAre(Pair("a", ElementsAre(1, 2))));
  EXPECT_EQ(text_of(change_nodes(text, Names{"a"}, {})), "refused: gres.conf has several lines for one node");
}

TEST(NodeLines, TooManyNodesAreRefused) {
  std::string text;
  for (int i = 0; i < 5; ++i) text += "NodeName=n[1-65000]\n";
  EXPECT_EQ(node_lines(slurm_conf(text)).error().detail, "line 5: more than 262144 nodes");
}

TEST(SplitNodes, GivesThemALineThatSaysTheSame) {
  EXPECT_EQ(split_off(" NodeName=node[001-004]  CPUs=64 # why\r\nB=1\r\n", 0, {"node002"}),
            " NodeName=node[001,003-004]  CPUs=64 # why\r\n NodeName=node002  CPUs=64\r\nB=1\r\n");
  EXPECT_EQ(split_off("NodeName=\"a b c\" \\\n CPUs=1", 0, {"a", "c"}),
            "NodeName=\"b\" \\\n CPUs=1\nNodeName=\"a,c\" \\\n CPUs=1\n");
  EXPECT_EQ(split_off("NodeName=a,b\n", 0, {"a", "b"}), "NodeName=a,b\n");
}

TEST(SplitNodes, DividesWhatIsListedNodeByNode) {
  EXPECT_EQ(
      split_off("NodeName=n[1-3] NodeAddr=10.0.0.[11-13] NodeHostname=h Port=7001-7003 CPUs=1\n", 0, {"n2"}),
      "NodeName=n[1,3] NodeAddr=10.0.0.[11,13] NodeHostname=h Port=[7001,7003] CPUs=1\n"
      "NodeName=n2 NodeAddr=10.0.0.12 NodeHostname=h Port=7002 CPUs=1\n");
  EXPECT_EQ(split_off("NodeName=b2,b1,b3 NodeAddr=x,y,z\n", 0, {"b2", "b1"}),
            "NodeName=b3 NodeAddr=z\nNodeName=b2,b1 NodeAddr=x,y\n");
}

TEST(SplitNodes, RefusesWhatItWouldHaveToGuess) {
  EXPECT_EQ(split_off("NodeName=a,b,c NodeAddr=x,y\n", 0, {"a"}),
            "refused: line 1: NodeAddr has 2 items for 3 nodes");
  EXPECT_EQ(split_off("NodeName=DEFAULT Port=[1-2]\nNodeName=a,b\n", 1, {"a"}),
            "refused: line 2: Port comes as a list from a DEFAULT record");
  EXPECT_EQ(split_off("NodeName=a,b\n", 0, {"c"}),
            "refused: line 1: it is not for all of the nodes that are to leave it");
  EXPECT_EQ(split_off("NodeName=a,b\n", 0, {}),
            "refused: line 1: it is not for all of the nodes that are to leave it");
  EXPECT_EQ(split_off("NodeName=DEFAULT\n", 0, {"DEFAULT"}), "refused: there is no such line of nodes");
  EXPECT_EQ(split_off("NodeName=a,b x\n", 0, {"a"}), "refused: line 1: it is no record that was understood");
}

TEST(SplitNodes, WorksInGresConf) {
  const auto text = ConfigurationText::parse("NodeName=a,b Name=gpu Count=2\n", Dialect::gres_conf);
  EXPECT_EQ(text_of(split_nodes(text, 0, Names{"b"})),
            "NodeName=a Name=gpu Count=2\nNodeName=b Name=gpu Count=2\n");
}

TEST(ChangeNodes, SplitsOnlyWhereItMust) {
  constexpr auto text = "NodeName=DEFAULT CPUs=64\nNodeName=node[001-004] State=UP\nNodeName=x CPUs=32\n";
  EXPECT_EQ(
      change(text, {"node002", "x"}, {{"CPUs", "32"}}),
      "NodeName=DEFAULT CPUs=64\nNodeName=node[001,003-004] State=UP\nNodeName=node002 State=UP CPUs=32\n"
      "NodeName=x CPUs=32\n");
  EXPECT_EQ(change(text, {"node001", "node002", "node003", "node004"}, {{"State", {}}}),
            "NodeName=DEFAULT CPUs=64\nNodeName=node[001-004]\nNodeName=x CPUs=32\n");
  EXPECT_EQ(change(text, {"node002"}, {{"CPUs", "64"}, {"Weight", {}}}), text);
}

TEST(ChangeNodes, NeverContinueTheNewLine) {
  EXPECT_EQ(change("NodeName=a,b \\ # why\n CPUs=4\nA=1\n", {"a"}, {{"CPUs", {}}}),
            "NodeName=b \\ # why\n CPUs=4\nNodeName=a\\ # why\n\nA=1\n");
  EXPECT_EQ(change("NodeName=a,b \\", {"a"}, {{"CPUs", "4"}}), "NodeName=b \\\n\nNodeName=a CPUs=4\n");
}

TEST(ChangeNodes, WritesWhatAnIncludedFileMayChange) {
  EXPECT_EQ(change("NodeName=DEFAULT CPUs=4\nInclude x\nNodeName=a\n", {"a"}, {{"CPUs", "4"}}),
            "NodeName=DEFAULT CPUs=4\nInclude x\nNodeName=a CPUs=4\n");
}

TEST(ChangeNodes, RefusesNodesWithoutOneLine) {
  EXPECT_EQ(change("NodeName=a\n", {"b"}, {}), "refused: no line is for node b");
  EXPECT_EQ(change("NodeName=a\nNodeName=a,b\n", {"a"}, {}),
            "refused: line 2: node a is in another line as well");
  EXPECT_EQ(change("NodeName=a\n", {"a"}, {{"nodename", "b"}}), "refused: nodes keep their names");
}

/// What a configuration means: for each node and key what counts, with its own item of lists.
std::map<std::string, std::map<std::string, std::string>> meaning(const ConfigurationText& configuration) {
  std::map<std::string, std::map<std::string, std::string>> nodes;
  const Defaults defaults(configuration);
  for (const auto i : statements_of(configuration, Sort::node)) {
    const auto& record = configuration.statements()[i];
    if (is_default(record)) continue;
    const auto names = expand_node_names(record.pairs.front().value);
    for (const auto* key : {"CPUs", "State", "RealMemory", "Weight"})
      for (const auto& name : *names)
        nodes[name][key] = defaults.value(configuration, i, key).value.value_or("-");
    const auto* address = find_pair(record, "NodeAddr");
    const auto addresses = expand_node_names(address == nullptr ? "none" : address->value);
    for (std::size_t n = 0; n < names->size(); ++n)
      nodes[(*names)[n]]["NodeAddr"] = (*addresses)[std::min(n, addresses->size() - 1)];
  }
  return nodes;
}

/// Node lines among others; each node is in one of them.
std::string lines_of_nodes(Samples& samples) {
  constexpr std::array<std::string_view, 4> lines{"NodeName=n[01-09] NodeAddr=10.0.0.[1-9]",
                                                  "NodeName=a3,a1,a[7-9]",
                                                  "NodeName=r[1-2]n[1-3] NodeAddr=one", "NodeName=\"x  y\""};
  constexpr std::array<std::string_view, 5> attributes{
      "", " CPUs=4", " \\\n  CPUs=8 State=UP", " Weight = 5 # why", " cpus=\"2\" \\ # why\n RealMemory=9"};
  std::string text;
  for (const auto line : lines) {
    if (samples.one_in(2)) text += "NodeName=DEFAULT" + std::string(samples.pick(attributes)) + "\n";
    if (samples.one_in(3)) text += "# why\n\nPartitionName=p\n";
    text += std::string(line) + std::string(samples.pick(attributes)) + "\n";
  }
  return text;
}

TEST(ChangeNodes, ChangesTheseNodesAndNoOthers) {
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Samples samples(seed);
    const auto before = slurm_conf(lines_of_nodes(samples));
    auto expected = meaning(before);
    Names names;
    for (const auto& [name, values] : expected)
      if (samples.one_in(4)) names.push_back(name);
    const std::vector<Setting> settings{{"CPUs", std::string(samples.one_in(2) ? "4" : "32")},
                                        {"Weight", std::string("5")}};
    const auto after = change_nodes(before, names, settings);
    ASSERT_TRUE(after) << after.error().detail << before.text();
    for (const auto& name : names)
      for (const auto& setting : settings) expected[name][setting.key] = *setting.value;
    EXPECT_EQ(meaning(*after), expected);
    EXPECT_EQ(text_of(change_nodes(*after, names, settings)), after->text());
    EXPECT_THAT(after->problems(), testing::IsEmpty());
    if (testing::Test::HasFailure()) FAIL() << join(names, " ") << " in\n" << before.text() << after->text();
  }
}

}  // namespace
}  // namespace tidelock::slurm
