#include <chrono>
#include <deque>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/digest.hpp"
#include "providers/slurm/conf/candidate.hpp"
#include "providers/slurm/conf/kinds.hpp"
#include "providers/slurm/conf/settling.hpp"
#include "providers/slurm/conf/stepping.hpp"

namespace tidelock::slurm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Names = std::vector<std::string>;

constexpr auto conf = "/etc/slurm/slurm.conf";
constexpr auto gres = "/etc/slurm/gres.conf";
constexpr auto two_nodes = "NodeName=n[1-2] CPUs=4\nPartitionName=p Nodes=n[1-2]\n";

std::shared_ptr<Declaration> declaration(std::string_view kind, std::string name,
                                         Attributes attributes = {}) {
  auto made = std::make_shared<Declaration>();
  made->kind = kind;
  made->name = std::move(name);
  made->attributes = std::move(attributes);
  made->together = Together{std::string(conf_group), "lead"};
  return made;
}

std::shared_ptr<const ConfSeen> seen_of(std::map<std::string, std::string> texts,
                                        std::string version = "22.05.8") {
  auto seen = std::make_shared<ConfSeen>();
  seen->files = ConfigurationFiles::parse(texts);
  seen->texts = std::move(texts);
  seen->version = std::move(version);
  return seen;
}

/// All hosts' resources of the configuration, as they were seen.
class Cluster {
 public:
  explicit Cluster(std::string text, std::string version = "22.05.8")
      : seen_(seen_of({{conf, std::move(text)}, {gres, ""}}, std::move(version))) {}

  Finding& wants(const std::shared_ptr<Declaration>& declared) { return add("lead", declared, false); }

  Finding& leaves(std::string_view kind, const std::string& name, const std::string& host = "lead") {
    auto recalled = declaration(kind, name);
    recalled->together->lead.clear();
    return add(host, recalled, true);
  }

  /// The files of a host: with the lead's texts, other ones, or none at all.
  Finding& files(const std::string& host, const std::map<std::string, std::string>& texts) {
    auto declared = declaration(files_kind, "/etc/slurm");
    auto plan = std::make_shared<FilesPlan>();
    plan->lead = host == "lead";
    declared->payload = plan;
    auto& finding = findings_.emplace_back();
    Attributes attributes;
    for (const auto& [name, text] : texts) attributes.set(name, "sha256:" + sha256_hex(text));
    if (plan->lead) attributes.set(files_loaded, true);
    finding.observation = Present{std::move(attributes)};
    if (plan->lead) finding.payload = seen_;
    group_.push_back({.host = names_.emplace_back(host), .declaration = declared, .finding = &finding});
    return finding;
  }
  Finding& lead_files() { return files("lead", {{"slurm.conf", seen_->texts.at(conf)}, {"gres.conf", ""}}); }

  void settle() { settle_conf(group_); }

  /// slurm.conf as it is to be, as the change of the lead has it; as it is where that has none.
  [[nodiscard]] std::string comes() const {
    const auto change = change_of(0);
    for (const auto& file : change == nullptr ? std::vector<FileChange>() : change->files)
      if (file.path == conf) return file.bytes;
    return seen_->texts.at(conf);
  }
  [[nodiscard]] std::shared_ptr<const ConfChange> change_of(std::size_t sight) const {
    return std::dynamic_pointer_cast<const ConfChange>(group_[sight].finding->payload);
  }
  [[nodiscard]] const Declaration& declared(std::size_t sight) const { return *group_[sight].declaration; }
  std::vector<Sight>& group() { return group_; }
  void lose_lead() {
    for (auto& finding : findings_) finding.payload = nullptr;
  }

 private:
  Finding& add(const std::string& host, const std::shared_ptr<Declaration>& declared, bool leaving) {
    auto& finding = findings_.emplace_back();
    const auto& files = seen_->files;
    std::optional<Attributes> there;
    if (declared->kind == partition_kind)
      there = files.partition(declared->name);
    else if (declared->kind == node_kind)
      there = files.node(declared->name);
    else if (const auto values = files.values(declared->name); !values.empty())
      there = Attributes{{std::string(parameter_value), values}};
    finding.observation = there ? Observation(Present{*there}) : Observation(Absent{});
    finding.payload = seen_;
    group_.push_back({.host = names_.emplace_back(host),
                      .declaration = declared,
                      .finding = &finding,
                      .leaving = leaving});
    return finding;
  }

  std::shared_ptr<const ConfSeen> seen_;
  std::deque<Finding> findings_;
  std::deque<std::string> names_;
  std::vector<Sight> group_;
};

std::string obstacle_of(const Finding& finding) { return finding.obstacle ? finding.obstacle->text : ""; }

TEST(SettledConfiguration, HasAllThatIsDeclared) {
  Cluster cluster("A=1\nNodeName=n1 CPUs=4\nPartitionName=p Nodes=n1\n");
  cluster.lead_files();
  cluster.wants(declaration(parameter_kind, "A", {{"value", Names{"2"}}}));
  cluster.wants(declaration(node_kind, "n2", {{"cpus", std::int64_t{8}}}));
  cluster.wants(declaration(partition_kind, "p", {{"nodes", "n[1-2]"}}));
  cluster.wants(declaration(partition_kind, "q", {{"nodes", "n2"}}));
  cluster.settle();
  EXPECT_EQ(cluster.comes(),
            "A=2\nNodeName=n1 CPUs=4\nNodeName=n2 CPUs=8\nPartitionName=p Nodes=n[1-2]\nPartitionName=q "
            "Nodes=n2\n");
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(cluster.change_of(i), cluster.change_of(0)) << i;
  EXPECT_EQ(cluster.declared(0).attributes.text("slurm.conf"), "sha256:" + sha256_hex(cluster.comes()));
  EXPECT_EQ(*cluster.declared(0).attributes.find(files_loaded), Value(true));
}

TEST(SettledConfiguration, WhatWaitsIsLeftAsideAndTheRestIsDone) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  cluster.wants(declaration(node_kind, "n1", {{"cpus", std::int64_t{8}}})).obstacle =
      Obstacle{"pending until job 1 ends", {}};
  cluster.wants(declaration(node_kind, "n2", {{"cpus", std::int64_t{8}}}));
  cluster.settle();
  EXPECT_EQ(cluster.comes(), "NodeName=n1 CPUs=4\nNodeName=n2 CPUs=8\nPartitionName=p Nodes=n[1-2]\n");
  EXPECT_EQ(cluster.change_of(1), nullptr) << "it carries nothing, so that it holds nothing up";
  EXPECT_NE(cluster.change_of(2), nullptr);
}

TEST(SettledConfiguration, WhatIsOnlyWatchedOrProtectedIsLeftAside) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  auto watched = declaration(partition_kind, "p", {{"hidden", true}});
  watched->detect_only = true;
  cluster.wants(watched);
  cluster.leaves(node_kind, "n1");
  cluster.group().back().stays = true;
  auto kept = declaration(node_kind, "n2");
  kept->protect = true;
  cluster.leaves(node_kind, "n2");
  cluster.group().back().declaration = kept;
  cluster.settle();
  EXPECT_EQ(cluster.comes(), two_nodes);
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(cluster.change_of(i), nullptr) << i;
}

TEST(SettledConfiguration, APartitionWithAnUnknownNodeIsBlockedAlone) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  auto& wrong = cluster.wants(declaration(partition_kind, "q", {{"nodes", "n[2-3]"}}));
  auto& right = cluster.wants(declaration(partition_kind, "p", {{"hidden", true}}));
  cluster.settle();
  EXPECT_EQ(obstacle_of(wrong), "its node n3 has no NodeName line, and is not in `slurm.nodes`");
  EXPECT_EQ(obstacle_of(right), "");
  EXPECT_EQ(cluster.comes(), "NodeName=n[1-2] CPUs=4\nPartitionName=p Nodes=n[1-2] Hidden=YES\n");
}

TEST(SettledConfiguration, ANodeStaysWhileAPartitionHasIt) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  auto& first = cluster.leaves(node_kind, "n1");
  auto& second = cluster.leaves(node_kind, "n2");
  cluster.settle();
  EXPECT_EQ(obstacle_of(first), "partition p still has it");
  EXPECT_EQ(obstacle_of(second), "partition p still has it");
  EXPECT_EQ(cluster.comes(), two_nodes);
}

TEST(SettledConfiguration, ThousandsOfNodesThatStayAreFoundAtOnce) {
  std::string text;
  for (int rack = 0; rack < 40; ++rack) text += fmt::format("NodeName=r{:02}n[00-49] CPUs=64\n", rack);
  Cluster cluster(text + "PartitionName=p Nodes=r[00-39]n[00-49]\n");
  cluster.lead_files();
  for (int rack = 0; rack < 40; ++rack)
    for (int node = 0; node < 50; ++node) cluster.leaves(node_kind, fmt::format("r{:02}n{:02}", rack, node));
  const auto began = std::chrono::steady_clock::now();
  cluster.settle();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1500));
  EXPECT_EQ(obstacle_of(*cluster.group().back().finding), "partition p still has it");
}

TEST(SettledConfiguration, APartitionIsNotBlamedForANodeThatLeaves) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  auto& partition = cluster.wants(declaration(partition_kind, "p", {{"hidden", true}}));
  auto& node = cluster.leaves(node_kind, "n1");
  cluster.settle();
  EXPECT_EQ(obstacle_of(partition), "");
  EXPECT_EQ(obstacle_of(node), "partition p still has it");
  EXPECT_EQ(cluster.comes(), "NodeName=n[1-2] CPUs=4\nPartitionName=p Nodes=n[1-2] Hidden=YES\n");
}

TEST(SettledConfiguration, ANodeLeavesTogetherWithItsPartition) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  cluster.leaves(partition_kind, "p");
  cluster.leaves(node_kind, "n1");
  cluster.settle();
  EXPECT_EQ(cluster.comes(), "NodeName=n2 CPUs=4\n");
}

TEST(SettledConfiguration, WhatCannotBeWrittenSaysWhy) {
  Cluster cluster("A=1\n");
  cluster.lead_files();
  auto& wrong = cluster.wants(declaration(parameter_kind, "A", {{"value", Names{"a\"b"}}}));
  cluster.settle();
  EXPECT_THAT(obstacle_of(wrong), HasSubstr("a value with a double quote cannot be written"));
  EXPECT_EQ(cluster.comes(), "A=1\n");
}

TEST(SettledConfiguration, OtherHostsGetTheSame) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  cluster.wants(declaration(partition_kind, "p", {{"hidden", true}}));
  auto& same = cluster.files("n1", {{"slurm.conf", two_nodes}, {"gres.conf", ""}, {"cgroup.conf", "theirs"}});
  cluster.files("n2", {{"slurm.conf", "other"}});
  cluster.settle();
  const auto wanted = "sha256:" + sha256_hex(cluster.comes());
  for (const auto sight : {2U, 3U}) {
    EXPECT_EQ(cluster.declared(sight).attributes.text("slurm.conf"), wanted);
    EXPECT_EQ(cluster.declared(sight).attributes.find(files_loaded), nullptr);
    EXPECT_EQ(cluster.declared(sight).attributes.find("cgroup.conf"), nullptr)
        << "what the lead does not have is theirs";
  }
  const auto first = cluster.change_of(2), second = cluster.change_of(3);
  ASSERT_EQ(first->files.size(), 1U);
  EXPECT_EQ(first->files[0].seen, sha256_hex(two_nodes));
  EXPECT_EQ(first->files[0].bytes, cluster.comes());
  EXPECT_FALSE(first->lead || first->restart || first->reread) << "slurmctld tells every slurmd";
  EXPECT_EQ(same.bytes_to_send, cluster.comes().size());
  ASSERT_EQ(same.before_images.size(), 1U);
  EXPECT_EQ(same.before_images[0].path, conf);
  ASSERT_EQ(second->files.size(), 2U);
  EXPECT_EQ(second->files[0].seen, "none");
}

TEST(SettledConfiguration, OneHostThatDiffersReadsItsFilesItself) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  cluster.files("n1", {{"slurm.conf", "by hand"}, {"gres.conf", ""}});
  cluster.settle();
  EXPECT_TRUE(cluster.change_of(0)->files.empty());
  EXPECT_EQ(cluster.change_of(1)->files.size(), 1U);
  EXPECT_TRUE(cluster.change_of(1)->reread);
}

TEST(SettledConfiguration, ANodeThatGrowsSaysSoItself) {
  for (const auto& [cpus, reread] : {std::pair{8, true}, std::pair{2, false}}) {
    Cluster cluster("NodeName=n1 CPUs=4\n");
    cluster.lead_files();
    cluster.wants(declaration(node_kind, "n1", {{"cpus", std::int64_t{cpus}}}));
    cluster.files("n1", {});
    cluster.files("n2", {});
    cluster.settle();
    EXPECT_EQ(cluster.change_of(2)->reread, reread) << cpus;
    EXPECT_FALSE(cluster.change_of(3)->reread);
  }
}

TEST(SettledConfiguration, WithoutTheLeadNobodyKnows) {
  Cluster cluster(two_nodes);
  cluster.lead_files().observation = Unknown{"it cannot be read"};
  auto& other = cluster.files("n1", {{"slurm.conf", two_nodes}});
  cluster.lose_lead();
  cluster.settle();
  EXPECT_EQ(std::get<Unknown>(other.observation).reason,
            "what lead has could not be seen, and it is to have the same");
  EXPECT_EQ(cluster.change_of(1), nullptr);
}

TEST(SettledConfiguration, NoOtherHostCanPoseAsTheLead) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  cluster.files("n1", {{"slurm.conf", two_nodes}, {"gres.conf", ""}}).payload =
      seen_of({{conf, "SlurmUser=root\n"}});
  cluster.settle();
  EXPECT_TRUE(cluster.change_of(1)->files.empty());
  EXPECT_EQ(cluster.declared(1).attributes.text("slurm.conf"), "sha256:" + sha256_hex(two_nodes));
}

TEST(SettledConfiguration, WhatAFormerLeadHadIsForgotten) {
  Cluster cluster(two_nodes);
  cluster.lead_files();
  auto& former = cluster.leaves(partition_kind, "p", "old");
  cluster.settle();
  EXPECT_TRUE(std::holds_alternative<Absent>(former.observation));
  EXPECT_EQ(cluster.comes(), two_nodes) << "the lead's partition is not theirs to delete";
}

TEST(SettledConfiguration, PathsThatLeadOutOfTheFolderReachNoHost) {
  const auto seen = seen_of({{conf, "Include ../evil\n"}, {gres, ""}, {"/etc/slurm/../evil", "A=1\n"}});
  Cluster cluster("");
  cluster.lead_files().payload = seen;
  cluster.files("n1", {});
  cluster.settle();
  for (const auto& file : cluster.change_of(1)->files) EXPECT_FALSE(file.path.contains("..")) << file.path;
  for (const auto& [name, digest] : cluster.declared(1).attributes) EXPECT_FALSE(name.contains("..")) << name;
}

std::string restart_for(const std::string& text, const std::string& version,
                        const std::shared_ptr<Declaration>& wanted) {
  const auto seen = seen_of({{conf, text}, {gres, ""}}, version);
  Candidate candidate(*seen);
  Finding absent;
  const Sight sight{.host = "lead", .declaration = wanted, .finding = &absent};
  const std::vector<const Sight*> sights{&sight};
  EXPECT_TRUE(candidate.make(sights).empty());
  return candidate.restart_because();
}

TEST(Candidate, SaysWhySlurmctldHasToStartAgain) {
  const auto node = declaration(node_kind, "n3", {{"cpus", std::int64_t{4}}});
  const auto hardware = declaration(node_kind, "n1", {{"cpus", std::int64_t{8}}});
  const auto weight = declaration(node_kind, "n1", {{"weight", std::int64_t{8}}});
  const auto plugin = declaration(parameter_kind, "selecttype", {{"value", Names{"select/cons_tres"}}});
  const auto timeout = declaration(parameter_kind, "SlurmctldTimeout", {{"value", Names{"30"}}});
  for (const auto* version : {"22.05.8", "23.02.1", "", "abc", "23"}) {
    EXPECT_THAT(restart_for(two_nodes, version, node), HasSubstr("other nodes")) << version;
    EXPECT_THAT(restart_for(two_nodes, version, hardware), HasSubstr("other hardware")) << version;
  }
  for (const auto* version : {"23.11.0", "23.11.10-1", "24.05.3", "24.11.0-0rc1", "25.05"}) {
    EXPECT_EQ(restart_for(two_nodes, version, node), "") << version;
    EXPECT_EQ(restart_for(two_nodes, version, hardware), "") << version;
  }
  for (const auto* version : {"22.05.8", "24.11.0"}) {
    EXPECT_EQ(restart_for(two_nodes, version, plugin), "SelectType is only read at its start");
    EXPECT_EQ(restart_for(two_nodes, version, weight), "");
    EXPECT_EQ(restart_for(two_nodes, version, timeout), "");
  }
}

TEST(Candidate, ShowsWhatChanges) {
  const auto seen = seen_of({{conf, "A=1\n"}, {gres, ""}});
  Candidate candidate(*seen);
  Finding absent;
  const auto wanted = declaration(parameter_kind, "A", {{"value", Names{"2"}}});
  const Sight sight{.host = "lead", .declaration = wanted, .finding = &absent};
  const std::vector<const Sight*> sights{&sight};
  EXPECT_TRUE(candidate.make(sights).empty());
  EXPECT_THAT(candidate.diff(), HasSubstr("/etc/slurm/slurm.conf\n"));
  EXPECT_THAT(candidate.diff(), HasSubstr("-A=1"));
  EXPECT_THAT(candidate.diff(), HasSubstr("+A=2"));
  ASSERT_EQ(candidate.changes().size(), 1U);
  EXPECT_EQ(candidate.changes()[0].seen, sha256_hex("A=1\n"));
}

Change writing(const std::shared_ptr<Declaration>& declared, std::shared_ptr<const Payload> payload,
               Action action = Action::update) {
  Change change;
  change.declaration = declared;
  change.action = action;
  change.payload = std::move(payload);
  return change;
}

std::vector<Step> steps_of(const std::vector<Change>& changes) {
  std::vector<const Change*> pointers;
  for (const auto& change : changes) pointers.push_back(&change);
  std::vector<Step> steps;
  add_conf_steps(steps, pointers);
  return steps;
}

Names functions_of(const std::vector<Step>& steps) {
  Names names;
  for (const auto& step : steps) {
    const auto& script = std::get<ScriptStep>(step.action).script;
    std::string name(script.function());
    for (const auto& argument : script.arguments()) name += ' ' + argument;
    names.push_back(name);
  }
  return names;
}

TEST(ConfSteps, OfTheLeadAreATrialAndOneChange) {
  auto change = std::make_shared<ConfChange>();
  change->lead = true;
  change->restart = true;
  change->slurm_user = "slurm";
  change->hosts = {"n1"};
  change->files = {{conf, "old", "new", "text", {}}};
  const auto steps = steps_of({writing(declaration(partition_kind, "p"), change),
                               writing(declaration(files_kind, "/etc/slurm"), change)});
  const std::string hosts = "127.0.0.1 localhost\n192.0.2.1 n1\n";
  EXPECT_THAT(functions_of(steps),
              ElementsAre(fmt::format("slurm_try slurm {} /etc/slurm/slurm.conf new 4 -", hosts.size()),
                          "slurm_configure restart /etc/slurm/slurm.conf old new 4 -"));
  EXPECT_TRUE(steps[0].rehearses);
  EXPECT_FALSE(steps[1].rehearses);
  EXPECT_EQ(std::get<ScriptStep>(steps[0].action).script.input(), "text" + hosts);
  EXPECT_EQ(std::get<ScriptStep>(steps[1].action).script.input(), "text");
  for (const auto& step : steps) EXPECT_THAT(step.serves, ElementsAre(0U, 1U));
}

TEST(ConfSteps, WhereOnlyTheReadingIsOwedNothingIsTried) {
  auto change = std::make_shared<ConfChange>();
  change->lead = true;
  const auto steps = steps_of({writing(declaration(files_kind, "/etc/slurm"), change)});
  EXPECT_THAT(functions_of(steps), ElementsAre("slurm_configure reconfigure"));
}

TEST(ConfSteps, OfOthersWriteTheFilesAndReadThem) {
  auto change = std::make_shared<ConfChange>();
  change->files = {{conf, "none", "new", "text", {}}, {"/etc/slurm/d/x.conf", "old", "newer", "more", {}}};
  const auto declared = declaration(files_kind, "/etc/slurm");
  EXPECT_THAT(functions_of(steps_of({writing(declared, change)})),
              ElementsAre("files_put /etc/slurm/slurm.conf new none - - 0644",
                          "slurm_conf_folder /etc/slurm/d", "files_put /etc/slurm/d/x.conf newer old - - -"));
  change->files.pop_back();
  change->reread = true;
  EXPECT_THAT(functions_of(steps_of({writing(declared, change, Action::create)})),
              ElementsAre("slurm_conf_folder /etc/slurm", "files_put /etc/slurm/slurm.conf new none - - 0644",
                          "slurm_reread reload reload"));
  change->restart = true;
  EXPECT_EQ(functions_of(steps_of({writing(declared, change)})).back(), "slurm_reread restart reload");
  change->restart_backup = true;
  EXPECT_EQ(functions_of(steps_of({writing(declared, change)})).back(), "slurm_reread restart restart");
  EXPECT_THAT(steps_of({writing(declared, nullptr)}), IsEmpty());
}

TEST(ConfSteps, TheWayBackBringsWhatTheHostKept) {
  const Attributes before{
      {"slurm.conf", "sha256:old"}, {"gres.conf", "sha256:same"}, {"../passwd", "sha256:evil"}};
  for (const bool lead : {true, false}) {
    auto attributes = before;
    if (lead) attributes.set(files_loaded, true);
    const auto recalled =
        recall_conf({std::string(files_kind), "/etc/slurm"}, attributes,
                    {{conf, "/kept/1"}, {gres, "/kept/2"}, {"/etc/slurm/../passwd", "/kept/3"}});
    ASSERT_EQ(files_plan(*recalled)->lead, lead);
    EXPECT_EQ(recalled->attributes, before);
    Change change = writing(std::make_shared<Declaration>(*recalled),
                            lead ? seen_of({{conf, "SlurmUser=slurm\nNodeName=n1\n"}}) : nullptr);
    change.before = Attributes{{"slurm.conf", "sha256:now"}, {"gres.conf", "sha256:same"}};
    const auto steps = functions_of(steps_of({change}));
    if (lead)
      EXPECT_THAT(steps, ElementsAre(HasSubstr("/etc/slurm/slurm.conf old 0 /kept/1"),
                                     "slurm_configure restart /etc/slurm/slurm.conf now old 0 /kept/1"));
    else
      EXPECT_THAT(steps, ElementsAre("files_restore /etc/slurm/slurm.conf old now /kept/1 - - -",
                                     "slurm_reread reload reload"));
  }
}

TEST(ConfKinds, WhatIsNoLongerDeclaredGoesBack) {
  const auto declared = declaration(partition_kind, "p", {{"hidden", true}});
  const Attributes applied{
      {"hidden", true}, {"max_time", "1h"}, {"state", "up"}, {"nodes", "n1"}, {"deny_qos", Names{"x"}}};
  EXPECT_EQ(reset_conf(*declared, applied), (Attributes{{"deny_qos", Names{}}, {"max_time", Value{}}}));
  EXPECT_EQ(reset_conf(*declaration(node_kind, "n"), {{"devices", Names{"gpu=/dev/g"}}}),
            (Attributes{{"devices", Names{}}}));
  EXPECT_EQ(reset_conf(*declaration(node_kind, "n"), {{"devices", Names{}}}), Attributes{});
}

/// The bound is far above what is needed, and far below what work for every pair of nodes takes.
TEST(SettledConfiguration, OfThousandsOfNodesIsWorkedOutQuickly) {
  std::string text;
  for (int rack = 0; rack < 40; ++rack)
    text += fmt::format("NodeName=r{:02}n[00-49] CPUs=64 RealMemory=262144\n", rack);
  text += "PartitionName=p Nodes=ALL\n";
  Cluster cluster(text);
  cluster.lead_files();
  for (int rack = 0; rack < 40; ++rack)
    for (int node = 0; node < 50; ++node) {
      const auto name = fmt::format("r{:02}n{:02}", rack, node);
      cluster.wants(declaration(node_kind, name, {{"cpus", std::int64_t{32}}}));
      cluster.files(name, {{"slurm.conf", text}, {"gres.conf", ""}});
    }
  const auto began = std::chrono::steady_clock::now();
  cluster.settle();
  const auto took = std::chrono::steady_clock::now() - began;
  EXPECT_LT(took, std::chrono::milliseconds(1500));
  EXPECT_THAT(cluster.comes(), HasSubstr("NodeName=r39n[00-49] CPUs=32 RealMemory=262144\n"));
  EXPECT_EQ(cluster.change_of(2), cluster.change_of(4)) << "hosts that have the same share what they get";
}

}  // namespace
}  // namespace tidelock::slurm
