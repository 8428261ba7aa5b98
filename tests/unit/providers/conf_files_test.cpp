#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/text.hpp"
#include "providers/slurm/conf/files.hpp"

namespace tidelock::slurm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Names = std::vector<std::string>;
using Texts = std::map<std::string, std::string>;

constexpr auto conf = "/etc/slurm/slurm.conf";
constexpr auto gres = "/etc/slurm/gres.conf";

ConfigurationFiles of(std::string text, std::string devices = "") {
  return ConfigurationFiles::parse({{conf, std::move(text)}, {gres, std::move(devices)}});
}

std::string text_of(const ConfigurationFiles& files, const std::string& path = conf) {
  return files.files().at(path).text();
}

std::string why(const Result<void>& done) { return done ? "" : done.error().detail; }

/// What slurm.conf is after an edit, or why there was none.
template <class Edit>
std::string after(std::string text, Edit edit) {
  auto files = of(std::move(text));
  const Result<void> done = edit(files);
  return done ? text_of(files) : "refused: " + done.error().detail;
}

std::string with_partition(std::string text, std::string_view name, const Attributes& wanted) {
  return after(std::move(text), [&](auto& files) { return files.set_partition(name, wanted); });
}

std::string with_nodes(std::string text, const Names& names, const Attributes& wanted) {
  return after(std::move(text), [&](auto& files) { return files.set_nodes(names, wanted); });
}

std::string with_values(std::string text, std::string_view parameter, const Names& values) {
  return after(std::move(text), [&](auto& files) { return files.set_values(parameter, values); });
}

TEST(ConfFolder, HoldsPlainPathsAlone) {
  EXPECT_EQ(below_conf_folder("/etc/slurm/slurm.conf"), "slurm.conf");
  EXPECT_EQ(below_conf_folder("/etc/slurm/conf.d/nodes.conf"), "conf.d/nodes.conf");
  for (const auto* path :
       {"", "/etc/slurm", "/etc/slurm/", "/etc/slurmdbd/x", "/etc/slurm-old/x", "/etc/slurm/../passwd",
        "/etc/slurm/a/../../shadow", "/etc/slurm//etc", "/etc/slurm/./x", "/etc/slurm/a\nb", "slurm.conf"})
    EXPECT_EQ(below_conf_folder(path), "") << path;
}

TEST(ConfigurationFiles, APartitionIsItsLineAndTheDefaults) {
  const auto files =
      of("PartitionName=DEFAULT MaxTime=60 Hidden=YES Nodes=a\nPartitionName=p Nodes=b[2,1] "
         "hidden=no\nPartitionName=q\n"
         "NodeName=a,b[1-2]\n");
  EXPECT_THAT(files.partitions(), ElementsAre("p", "q"));
  const auto p = *files.partition("p");
  EXPECT_EQ(p.text("nodes"), "b[1-2]");
  EXPECT_EQ(p.text("max_time"), "1h");
  EXPECT_EQ(*p.find("hidden"), Value(false));
  EXPECT_EQ(p.text("state"), "up");
  EXPECT_EQ(files.partition("q")->text("nodes"), "a");
  EXPECT_EQ(*files.partition("q")->find("hidden"), Value(true));
  EXPECT_FALSE(files.partition("P"));
  EXPECT_FALSE(files.partition("DEFAULT"));
}

TEST(ConfigurationFiles, AllStandsForAllNodes) {
  const auto files = of("NodeName=a,b\nPartitionName=p Nodes=ALL\nPartitionName=s Nodes=b[\n");
  EXPECT_EQ(files.nodes_of_partition("p"), (Names{"a", "b"}));
  EXPECT_FALSE(files.nodes_of_partition("s"));
  EXPECT_EQ(files.partition("s")->text("nodes"), "b[");
}

TEST(ConfigurationFiles, WhatMakesNoSenseIsShownAsItIs) {
  EXPECT_EQ(of("PartitionName=p MaxTime=soon\n").partition("p")->text("max_time"), "soon");
}

TEST(ConfigurationFiles, ANodeIsItsLineTheDefaultsAndItsDevices) {
  const auto files = of(
      "NodeName=DEFAULT CPUs=64 Feature=old\nNodeName=a,b Procs=8 RealMemory=3584\nNodeName=c Features=new\n",
      "Name=mps File=/dev/m\nNodeName=a,c Name=gpu Type=T4 File=/dev/nvidia[0-3]\nNodeName=c Name=gpu "
      "Count=2\n");
  EXPECT_EQ(*files.node("a")->find("cpus"), Value(std::int64_t{8}))
      << "its own spelling wins over a DEFAULT's";
  EXPECT_EQ(files.node("a")->text("memory"), "3584M");
  EXPECT_EQ(*files.node("a")->find("features"), Value(Names{"old"}));
  EXPECT_EQ(*files.node("c")->find("features"), Value(Names{"new"}));
  EXPECT_EQ(*files.node("a")->find("devices"), Value(Names{"gpu:t4=/dev/nvidia[0-3]", "mps=/dev/m"}));
  EXPECT_EQ(*files.node("b")->find("devices"), Value(Names{"mps=/dev/m"}));
  EXPECT_FALSE(files.node("DEFAULT"));
  EXPECT_EQ(files.nodes(), (std::set<std::string>{"a", "b", "c"}));
}

TEST(ConfigurationFiles, NodesThatCannotBeToldAreNotAbsent) {
  EXPECT_EQ(of("NodeName=a\n").unreadable_nodes(), "");
  EXPECT_THAT(of("NodeName=a[1-\nNodeName=b\n").unreadable_nodes(),
              testing::HasSubstr("/etc/slurm/slurm.conf: "));
}

TEST(ConfigurationFiles, IncludedFilesAreOfTheKindThatIncludesThem) {
  const auto files = ConfigurationFiles::parse(
      {{conf, "Include nodes.conf\n"},
       {"/etc/slurm/nodes.conf", "NodeName=a\n"},
       {gres, "Include gpus.conf\nInclude gpus.conf\n"},
       {"/etc/slurm/gpus.conf", "Include gres.conf\nNodeName=a Name=gpu File=/dev/g\n"}});
  EXPECT_EQ(files.nodes(), std::set<std::string>{"a"});
  EXPECT_EQ(*files.node("a")->find("devices"), Value(Names{"gpu=/dev/g"}));
}

TEST(ConfigurationFiles, AnEditGoesToTheFileInWhichTheThingStands) {
  const Texts texts{{conf, "Include p.conf\nInclude n.conf\nA=1\n"},
                    {"/etc/slurm/p.conf", "PartitionName=p\nB=1\n"},
                    {"/etc/slurm/n.conf", "NodeName=a\n"}};
  auto files = ConfigurationFiles::parse(texts);
  EXPECT_TRUE(files.set_partition("p", {{"hidden", true}}));
  EXPECT_TRUE(files.set_partition("q", {{"hidden", true}}));
  EXPECT_TRUE(files.set_nodes(Names{"a", "b"}, {{"weight", std::int64_t{3}}}));
  EXPECT_TRUE(files.set_values("B", Names{"2"}));
  EXPECT_TRUE(files.set_values("C", Names{"3"}));
  EXPECT_EQ(text_of(files, "/etc/slurm/p.conf"), "PartitionName=p Hidden=YES\nB=2\n");
  EXPECT_EQ(text_of(files, "/etc/slurm/n.conf"), "NodeName=a Weight=3\n");
  EXPECT_EQ(text_of(files),
            "Include p.conf\nInclude n.conf\nA=1\nC=3\nPartitionName=q Hidden=YES\nNodeName=b Weight=3\n");
}

TEST(ConfigurationFiles, FilesOutsideOfTheFolderAreNotEdited) {
  for (const auto* path : {"/shared/p.conf", "/etc/slurm/../p.conf", "/etc/slurm-p.conf"}) {
    auto files = ConfigurationFiles::parse({{conf, ""}, {path, "PartitionName=p\nNodeName=a\nB=1\n"}});
    EXPECT_THAT(why(files.set_partition("p", {{"hidden", true}})), testing::HasSubstr("lies outside of"))
        << path;
    EXPECT_FALSE(files.remove_partition("p")) << path;
    EXPECT_FALSE(files.set_nodes(Names{"a"}, {{"weight", std::int64_t{3}}})) << path;
    EXPECT_FALSE(files.remove_nodes(Names{"a"})) << path;
    EXPECT_FALSE(files.set_values("B", Names{"2"})) << path;
    EXPECT_TRUE(files.set_partition("p", {{"hidden", false}})) << "nothing has to change";
    EXPECT_EQ(text_of(files, path), "PartitionName=p\nNodeName=a\nB=1\n");
  }
}

TEST(ConfigurationFiles, OnlyWhatDiffersChanges) {
  EXPECT_EQ(with_partition("# mine\r\n  partitionname=p   Nodes=a # why\r\n\r\nX = 1\r\n", "p",
                           {{"max_time", "30m"}}),
            "# mine\r\n  partitionname=p   Nodes=a MaxTime=00:30:00 # why\r\n\r\nX = 1\r\n");
  EXPECT_EQ(with_partition("PartitionName=p \\\n  Nodes=a \\\n  Hidden=yes", "p", {{"nodes", "a,b"}}),
            "PartitionName=p \\\n  Nodes=a,b \\\n  Hidden=yes");
  EXPECT_EQ(with_partition("PartitionName=p Shared=YES\n", "p", {{"over_subscribe", "exclusive"}}),
            "PartitionName=p Shared=EXCLUSIVE\n");
}

TEST(ConfigurationFiles, AKeyGoesWhereNothingIsLeftToSay) {
  EXPECT_EQ(with_partition("PartitionName=p Hidden=YES MaxTime=60\n", "p", {{"hidden", false}}),
            "PartitionName=p MaxTime=60\n");
  EXPECT_EQ(with_partition("PartitionName=DEFAULT Hidden=YES\nPartitionName=p\n", "p", {{"hidden", false}}),
            "PartitionName=DEFAULT Hidden=YES\nPartitionName=p Hidden=NO\n");
  EXPECT_EQ(with_partition("PartitionName=DEFAULT Hidden=YES\nPartitionName=p Hidden=YES\n", "p",
                           {{"hidden", false}}),
            "PartitionName=DEFAULT Hidden=YES\nPartitionName=p Hidden=NO\n");
}

TEST(ConfigurationFiles, WhatADefaultLineSaysCannotAlwaysBeTakenAway) {
  EXPECT_EQ(
      with_partition("PartitionName=DEFAULT DenyQos=x\nPartitionName=p\n", "p", {{"deny_qos", Names{}}}),
      "refused: DenyQos of line 2 in /etc/slurm/slurm.conf comes from a DEFAULT line, and no value takes it "
      "away");
}

TEST(ConfigurationFiles, ANewLineDiffersFromTheDefaultsWhereItMust) {
  EXPECT_EQ(with_partition("PartitionName=DEFAULT Hidden=YES\n", "p",
                           {{"nodes", "a1,a2"}, {"hidden", false}, {"lln", false}}),
            "PartitionName=DEFAULT Hidden=YES\nPartitionName=p Nodes=a[1-2] Hidden=NO\n");
  EXPECT_EQ(
      with_nodes("NodeName=DEFAULT Weight=9\nNodeName=a\nA=1\n", {"b2", "b1"}, {{"weight", std::int64_t{1}}}),
      "NodeName=DEFAULT Weight=9\nNodeName=a\nNodeName=b[1-2] Weight=1\nA=1\n");
}

TEST(ConfigurationFiles, NodesOfOneLineChangeTogetherOrAlone) {
  constexpr auto text = "NodeName=n[1-3] CPUs=4 # rack\nNodeName=x Feature=a\n";
  EXPECT_EQ(with_nodes(text, {"n1", "n2", "n3", "x"}, {{"features", Names{"b"}}}),
            "NodeName=n[1-3] CPUs=4 Features=b # rack\nNodeName=x Feature=b\n");
  EXPECT_EQ(with_nodes(text, {"n2"}, {{"cpus", std::int64_t{8}}}),
            "NodeName=n[1,3] CPUs=4 # rack\nNodeName=n2 CPUs=8\nNodeName=x Feature=a\n");
  EXPECT_EQ(with_nodes(text, {"n2"}, {{"cpus", std::int64_t{4}}}), text);
}

TEST(ConfigurationFiles, ANodeInTwoFilesIsNotChanged) {
  auto files = ConfigurationFiles::parse(
      {{conf, "NodeName=a CPUs=1\n"}, {"/etc/slurm/n.conf", "NodeName=b,a CPUs=2\n"}});
  EXPECT_EQ(why(files.set_nodes(Names{"a"}, {{"cpus", std::int64_t{4}}})),
            "node a is in another file than /etc/slurm/slurm.conf as well");
}

TEST(ConfigurationFiles, DevicesHaveLinesOfTheirOwn) {
  auto files =
      of("NodeName=n[1-2]\n",
         "# gpus\nNodeName=n[1-2] Name=gpu File=/dev/nvidia[0-3]\nNodeName=n1 Name=mps File=/dev/m\n");
  EXPECT_TRUE(files.set_nodes(Names{"n2"}, {{"devices", Names{"gpu:t4=/dev/nvidia[0-1]"}}}));
  EXPECT_EQ(text_of(files, gres),
            "# gpus\nNodeName=n1 Name=gpu File=/dev/nvidia[0-3]\nNodeName=n1 Name=mps File=/dev/m\n"
            "NodeName=n2 Name=gpu Type=t4 File=/dev/nvidia[0-1]\n");
  EXPECT_TRUE(files.set_nodes(Names{"n1"}, {{"devices", Names{}}}));
  EXPECT_EQ(text_of(files, gres), "# gpus\nNodeName=n2 Name=gpu Type=t4 File=/dev/nvidia[0-1]\n");
}

TEST(ConfigurationFiles, DevicesOfEveryNodeAreNotTakenFromOne) {
  auto files = of("NodeName=a\n", "Name=gpu File=/dev/nvidia0\n");
  EXPECT_THAT(why(files.set_nodes(Names{"a"}, {{"devices", Names{"gpu=/dev/nvidia1"}}})),
              testing::HasSubstr("lines that are for every node"));
}

TEST(ConfigurationFiles, WhatLeavesTakesNothingWithIt) {
  auto files =
      of("# a\nNodeName=n[1-3] CPUs=4\nPartitionName=p Nodes=n1 \\\n  MaxTime=1\n# b\nPartitionName=q "
         "Nodes=n3\n",
         "NodeName=n[1-2] Name=gpu File=/dev/g\n");
  EXPECT_TRUE(files.remove_partition("p"));
  EXPECT_TRUE(files.remove_partition("none"));
  EXPECT_TRUE(files.remove_nodes(Names{"n1", "n2", "none"}));
  EXPECT_EQ(text_of(files), "# a\nNodeName=n3 CPUs=4\n# b\nPartitionName=q Nodes=n3\n");
  EXPECT_EQ(text_of(files, gres), "");
  EXPECT_TRUE(files.remove_nodes(Names{"n3"}));
  EXPECT_EQ(text_of(files), "# a\n# b\nPartitionName=q Nodes=n3\n");
}

TEST(ConfigurationFiles, ParametersHaveOneValueOrALineForEach) {
  EXPECT_THAT(of("A=1\na=2\n").values("A"), ElementsAre("2"));
  EXPECT_THAT(of("SlurmctldHost=a\nSlurmctldHost=b\n").values("slurmctldhost"), ElementsAre("a", "b"));
  EXPECT_THAT(of("").values("A"), IsEmpty());
  EXPECT_EQ(with_values("A =  1 # why\n", "A", {"2"}), "A =  2 # why\n");
  EXPECT_EQ(with_values("SlurmctldHost=a\nB=1\n", "SlurmctldHost", {"a", "b"}),
            "SlurmctldHost=a\nSlurmctldHost=b\nB=1\n");
  EXPECT_EQ(with_values("A=1\nB=1\nA=2\n", "A", {}), "B=1\n");
  EXPECT_EQ(with_values("A=1\n", "A", {"x\ny"}),
            "refused: a value with a control character cannot be written");
}

TEST(ConfigurationFiles, AParameterThatGoesCountsNowhereElse) {
  auto files =
      ConfigurationFiles::parse({{conf, "A=1\nInclude x.conf\n"}, {"/etc/slurm/x.conf", "A=2\nB=1\n"}});
  EXPECT_THAT(files.values("A"), ElementsAre("2"));
  EXPECT_TRUE(files.set_values("A", {}));
  EXPECT_THAT(files.values("A"), IsEmpty());
  EXPECT_EQ(text_of(files, "/etc/slurm/x.conf"), "B=1\n");
}

TEST(ConfigurationFiles, ValuesOfAnotherSortDoNoHarm) {
  auto files = of("PartitionName=p Nodes=a\nNodeName=a\n");
  EXPECT_TRUE(files.set_partition("q", {{"nodes", std::int64_t{3}}, {"hidden", "x"}}));
  EXPECT_TRUE(files.set_nodes(Names{"a"}, {{"devices", "gpu"}}));
}

/// Bounds are far above what is needed, and far below what looking at every line for every node takes.
TEST(ConfigurationFiles, ThousandsOfNodesAreLookedUpQuickly) {
  std::string text, devices;
  for (int rack = 0; rack < 40; ++rack) {
    text += fmt::format("NodeName=r{0:02}n[00-49] CPUs=64 RealMemory=262144 Gres=gpu:4\n", rack);
    devices += fmt::format("NodeName=r{0:02}n[00-49] Name=gpu File=/dev/nvidia[0-3]\n", rack);
  }
  const auto began = std::chrono::steady_clock::now();
  auto files = of(text, devices);
  const auto all = files.nodes();
  ASSERT_EQ(all.size(), 2000U);
  for (const auto& name : all)
    ASSERT_EQ(*files.node(name)->find("devices"), Value(Names{"gpu=/dev/nvidia[0-3]"}));
  const Names names(all.begin(), all.end());
  EXPECT_TRUE(files.set_nodes(names, {{"weight", std::int64_t{5}}}));
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_LT(took, std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace tidelock::slurm
