#include "engine/plan/together.hpp"

#include <gmock/gmock.h>

#include "engine/plan/settling.hpp"

namespace tidelock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Carried final : Payload {};

/// A family that gives every member of a group what the lead has, and counts how often it is asked.
class Follower final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "follower"; }
  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 2> kinds{"part", "copy"};
    return kinds;
  }
  [[nodiscard]] SchemaFragment schema() const override { return {}; }
  [[nodiscard]] std::vector<Placement> expand(const Section&, const ExpandContext&,
                                              Diagnostics&) const override {
    return {};
  }
  [[nodiscard]] DeclarationPtr recall(const ResourceKey&, const Attributes&,
                                      const KeptPaths&) const override {
    return {};
  }
  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject>, const ProbeOptions&) const override {
    return {};
  }
  [[nodiscard]] Reading read(std::span<const Subject>, std::span<const ProbeOutput>,
                             const ProbeOptions&) const override {
    return {};
  }
  void settle(std::span<Sight> group) const override {
    groups.emplace_back();
    for (auto& sight : group) {
      groups.back().push_back(std::string(sight.host) + ' ' + sight.declaration->name +
                              (sight.leaving ? " leaves" : "") + (sight.stays ? " stays" : ""));
      auto declaration = std::make_shared<Declaration>(*sight.declaration);
      declaration->attributes.set("of", std::to_string(group.size()));
      sight.declaration = declaration;
      sight.finding->text_diff = "settled";
    }
  }
  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const>, const StepContext&) const override {
    return {};
  }

  mutable std::vector<std::vector<std::string>> groups;
};

std::shared_ptr<Declaration> declaration(std::string kind, std::string name, std::string group = "conf") {
  auto made = std::make_shared<Declaration>();
  made->kind = std::move(kind);
  made->name = std::move(name);
  made->attributes = {{"mode", "new"}};
  if (!group.empty()) made->together = Together{std::move(group), "lead"};
  return made;
}

Finding seen(const std::string& mode) {
  Finding finding;
  finding.observation = Present{{{"mode", mode}}};
  return finding;
}

/// Hosts n1, lead and n2, in this order, with what is declared for them and what was seen.
class Groups : public testing::Test {
 protected:
  Groups() {
    manifest_.cluster = "koo";
    manifest_.node_types["t"] = {"t", {}, {"t"}};
    for (const auto* name : {"n1", "lead", "n2"}) {
      ClusterNode node;
      node.name = name;
      node.type = "t";
      manifest_.nodes.push_back(node);
      blueprints_[name];
      observations_.emplace_back().host = name;
    }
  }

  HostObservation& observation(const std::string& host) {
    return *std::ranges::find(observations_, host, &HostObservation::host);
  }

  Finding& declare(const std::string& host, const DeclarationPtr& declared, Finding finding) {
    blueprints_[host].items.push_back({declared, {}});
    return observation(host).findings.emplace_back(std::move(finding));
  }

  void orphan(const std::string& host, const DeclarationPtr& declared, bool created) {
    auto& ledger = observation(host).ledger;
    if (!std::holds_alternative<Ledger>(ledger)) ledger = Ledger{"koo", "t", "key", {}};
    auto& entry = std::get<Ledger>(ledger).entries[{declared->kind, declared->name}];
    entry.applied = declared->attributes;
    entry.created = created;
    observation(host).orphans.push_back({declared, seen("new")});
  }

  Graph graph() {
    Graph made;
    made.manifest = &manifest_;
    for (const auto& node : manifest_.nodes)
      made.hosts.push_back({&node, std::make_shared<const Blueprint>(blueprints_[node.name]), nullptr});
    return made;
  }

  Plan plan(const Selection& selection = {}) { return make_plan(graph(), observations_, selection); }

  Manifest manifest_;
  std::map<std::string, Blueprint> blueprints_;
  std::vector<HostObservation> observations_;
};

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& change : plan.changes)
    all.push_back(change.host + ' ' + std::string(to_string(change.action)) + ' ' + change.declaration->name);
  return all;
}

/// All changes that come before one, at whatever remove.
std::set<std::uint32_t> before(const Plan& plan, std::uint32_t change) {
  std::set<std::uint32_t> all;
  std::vector<std::uint32_t> open{change};
  while (!open.empty()) {
    const auto one = open.back();
    open.pop_back();
    for (const auto needed : plan.changes[one].after)
      if (all.insert(needed).second) open.push_back(needed);
  }
  return all;
}

TEST_F(Groups, TheLeadingHostComesLast) {
  declare("n1", declaration("copy", "a"), seen("old"));
  declare("lead", declaration("part", "b"), seen("old"));
  declare("lead", declaration("copy", "a"), seen("old"));
  declare("n2", declaration("copy", "a"), seen("old"));
  const auto made = plan();
  ASSERT_THAT(names(made), ElementsAre("n1 update a", "lead update b", "lead update a", "n2 update a"));
  EXPECT_THAT(before(made, 0), IsEmpty());
  EXPECT_THAT(before(made, 3), IsEmpty());
  for (const auto lead : {1U, 2U}) {
    EXPECT_TRUE(before(made, lead).contains(0)) << lead;
    EXPECT_TRUE(before(made, lead).contains(3)) << lead;
  }
}

TEST_F(Groups, OfOthersAreLeftAlone) {
  declare("n1", declaration("copy", "a", "one"), seen("old"));
  declare("lead", declaration("part", "b", "other"), seen("old"));
  declare("lead", declaration("part", "c", ""), seen("old"));
  const auto made = plan();
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_THAT(made.changes[i].after, IsEmpty()) << i;
}

TEST_F(Groups, OneThatCannotHoldsAllUp) {
  auto& stuck = declare("n1", declaration("copy", "a"), seen("old"));
  stuck.obstacle = Obstacle{"in the way", {}};
  stuck.payload = std::make_shared<Carried>();
  declare("lead", declaration("part", "b"), seen("old"));
  declare("n2", declaration("copy", "a"), seen("old"));
  const auto made = plan();
  EXPECT_THAT(names(made), ElementsAre("n1 blocked a", "lead blocked b", "n2 blocked a"));
  EXPECT_EQ(made.changes[0].blocked_because, "in the way");
  EXPECT_EQ(made.changes[1].blocked_because, "it changes together with copy a on n1, which is blocked");
}

TEST_F(Groups, OneThatWasLeftAsideHoldsNothingUp) {
  declare("lead", declaration("part", "a"), seen("old")).obstacle = Obstacle{"pending", {}};
  declare("lead", declaration("part", "b"), seen("old"));
  declare("n1", declaration("copy", "a"), seen("old"));
  EXPECT_THAT(names(plan()), ElementsAre("n1 update a", "lead blocked a", "lead update b"));
}

TEST_F(Groups, WhereTheLeadStaysAsItIsOthersAreMendedAlone) {
  auto& stuck = declare("n1", declaration("copy", "a"), seen("old"));
  stuck.obstacle = Obstacle{"in the way", {}};
  stuck.payload = std::make_shared<Carried>();
  declare("lead", declaration("part", "b"), seen("new"));
  declare("n2", declaration("copy", "a"), seen("old"));
  EXPECT_THAT(names(plan()), ElementsAre("n1 blocked a", "lead no-op b", "n2 update a"));
}

TEST_F(Groups, WhatWasNotChosenHoldsAllUp) {
  declare("n1", declaration("copy", "a"), seen("old"));
  declare("lead", declaration("part", "b"), seen("old"));
  Selection selection;
  selection.hosts = {"lead"};
  auto made = plan(selection);
  ASSERT_THAT(names(made), ElementsAre("lead blocked b"));
  EXPECT_EQ(made.changes[0].blocked_because, "it changes together with copy a on n1, which was not chosen");
  selection.hosts = {"n1"};
  EXPECT_THAT(names(plan(selection)), ElementsAre("n1 blocked a")) << "the lead would change as well";
  EXPECT_THAT(names(plan()), ElementsAre("n1 update a", "lead update b"));
}

TEST_F(Groups, OneDriftingHostCanBeChosen) {
  declare("n1", declaration("copy", "a"), seen("old"));
  declare("lead", declaration("part", "b"), seen("new"));
  Selection selection;
  selection.hosts = {"n1"};
  EXPECT_THAT(names(plan(selection)), ElementsAre("n1 update a"));
}

TEST_F(Groups, WhatLeavesTheLeadCounts) {
  declare("n1", declaration("copy", "a"), seen("old"));
  orphan("lead", declaration("part", "b"), true);
  Selection selection;
  selection.kinds = {"copy"};
  const auto made = plan(selection);
  ASSERT_THAT(names(made), ElementsAre("n1 blocked a"));
  EXPECT_THAT(made.changes[0].blocked_because, HasSubstr("part b on lead, which was not chosen"));
}

TEST_F(Groups, AreSettledOverAllHostsThatAnswered) {
  const auto copy = declaration("copy", "a");
  declare("n1", copy, seen("old"));
  declare("lead", declaration("part", "b"), seen("old"));
  declare("lead", declaration("part", "x", ""), seen("old"));
  declare("n2", copy, seen("old"));
  orphan("lead", declaration("part", "gone"), true);
  orphan("lead", declaration("part", "theirs"), false);
  observation("n2").unreachable = Error{"no route", {}, {}};
  auto provider = std::make_unique<Follower>();
  const auto& asked = *provider;
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::move(provider));
  const Registry registry(std::move(providers));
  const auto original = graph();
  const auto made = settled(original, observations_, registry);
  ASSERT_EQ(asked.groups.size(), 1U);
  EXPECT_THAT(asked.groups[0], ElementsAre("n1 a", "lead b", "lead gone leaves", "lead theirs leaves stays"));
  EXPECT_EQ(made.hosts[0].blueprint->items[0].declaration->attributes.text("of"), "4");
  EXPECT_EQ(made.hosts[1].blueprint->items[1].declaration->attributes.text("of"), "") << "it is in no group";
  EXPECT_EQ(made.hosts[2].blueprint->items[0].declaration, copy) << "it did not answer";
  EXPECT_EQ(original.hosts[0].blueprint->items[0].declaration, copy) << "what was declared stays as it is";
  EXPECT_EQ(observation("n1").findings[0].text_diff, "settled");
  EXPECT_EQ(observation("lead").orphans[0].declaration->attributes.text("of"), "4");
}

TEST_F(Groups, WithoutAnyNothingIsAsked) {
  const auto alone = declaration("part", "x", "");
  declare("n1", alone, seen("old"));
  auto provider = std::make_unique<Follower>();
  const auto& asked = *provider;
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::move(provider));
  const Registry registry(std::move(providers));
  EXPECT_EQ(settled(graph(), observations_, registry).hosts[0].blueprint->items[0].declaration, alone);
  EXPECT_THAT(asked.groups, IsEmpty());
}

/// A thousand nodes on a thousand hosts are no million of needs.
TEST_F(Groups, OfManyAreOrderedWithFewNeeds) {
  constexpr std::size_t many = 1000;
  manifest_.nodes.reserve(many + 3);
  for (std::size_t i = 0; i < many; ++i) {
    ClusterNode node;
    node.name = "m" + std::to_string(i);
    node.type = "t";
    manifest_.nodes.push_back(node);
    observations_.emplace_back().host = node.name;
    blueprints_[node.name].items.push_back({declaration("copy", "a"), {}});
    observations_.back().findings.push_back(seen("old"));
    declare("lead", declaration("part", node.name), seen("old"));
  }
  const auto made = plan();
  std::size_t needs = 0;
  for (const auto& change : made.changes) needs += change.after.size();
  EXPECT_LE(needs, 2 * many);
  EXPECT_EQ(before(made, many - 1).size(), many + 1) << "all other hosts, and the lead's first";
}

}  // namespace
}  // namespace tidelock
