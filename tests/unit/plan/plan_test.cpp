#include "engine/plan/plan.hpp"

#include <gmock/gmock.h>

#include "engine/base/text.hpp"
#include "engine/plan/guard.hpp"

namespace tidelock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::shared_ptr<Declaration> declaration(std::string kind, std::string name) {
  auto made = std::make_shared<Declaration>();
  made->kind = std::move(kind);
  made->name = std::move(name);
  if (made->name.starts_with('/')) made->path = made->name;
  made->attributes = {{"mode", "0755"}};
  return made;
}

Finding present() {
  Finding finding;
  finding.observation = Present{{{"mode", "0755"}}};
  return finding;
}

/// One host, with a ledger.
class PlanOfOneHost : public testing::Test {
 protected:
  PlanOfOneHost() {
    manifest_.cluster = "koo";
    node_.name = "n1";
    node_.type = "t";
    manifest_.nodes = {node_};
    manifest_.node_types["t"] = {"t", {}, {"t"}};
    seen_.host = "n1";
    seen_.ledger = Ledger{"koo", "t", "key", {}};
  }

  std::uint32_t declare(DeclarationPtr declared, Finding finding, std::vector<std::uint32_t> needs = {}) {
    blueprint_.items.push_back({std::move(declared), std::move(needs)});
    seen_.findings.push_back(std::move(finding));
    return static_cast<std::uint32_t>(blueprint_.items.size() - 1);
  }

  LedgerEntry& remember(const Declaration& declared, bool created = true) {
    auto& entry = std::get<Ledger>(seen_.ledger).entries[{declared.kind, declared.name}];
    entry.applied = declared.attributes;
    entry.created = created;
    return entry;
  }

  void orphan(const DeclarationPtr& declared, Finding finding, bool created = true) {
    remember(*declared, created);
    seen_.orphans.push_back({declared, std::move(finding)});
  }

  Plan plan() {
    graph_.manifest = &manifest_;
    graph_.hosts = {{&manifest_.nodes.front(), std::make_shared<const Blueprint>(blueprint_), nullptr}};
    return make_plan(graph_, {seen_}, {});
  }

  std::vector<std::string> summaries(const Policy& policy) {
    const auto made = plan();
    std::vector<std::string> all;
    for (const auto& why : refusals(made, graph_, {seen_}, policy))
      all.push_back(why.summary + ": " + why.detail);
    return all;
  }

  Manifest manifest_;
  ClusterNode node_;
  Blueprint blueprint_;
  Graph graph_;
  HostObservation seen_;
};

std::vector<std::string> names(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& change : plan.changes)
    all.push_back(std::string(to_string(change.action)) + ' ' + change.declaration->name);
  return all;
}

TEST_F(PlanOfOneHost, WhatStandsOnSomethingIsDeletedFirst) {
  const auto user = declaration("user", "alice");
  const auto owned = declaration("file", "/a/b/c");
  owned->after = {{"user", "alice"}};
  orphan(user, present());
  orphan(declaration("directory", "/a"), present());
  orphan(declaration("directory", "/a/b"), present());
  orphan(owned, present());
  EXPECT_THAT(names(plan()), ElementsAre("delete /a/b/c", "delete alice", "delete /a/b", "delete /a"));
}

TEST_F(PlanOfOneHost, WhatStaysKeepsWhatItStandsOn) {
  auto in_use = present();
  in_use.obstacle = Obstacle{"pending: in use", {}};
  orphan(declaration("directory", "/a"), present());
  orphan(declaration("image", "/a/x.sif"), in_use);
  const auto made = plan();
  ASSERT_THAT(names(made), ElementsAre("blocked /a/x.sif", "blocked /a"));
  EXPECT_EQ(made.changes[1].blocked_because, "image /a/x.sif stands on it and stays");
}

TEST_F(PlanOfOneHost, WhatIsStillDeclaredKeepsWhatItStandsOn) {
  const auto owned = declaration("file", "/a");
  owned->after = {{"user", "alice"}};
  declare(owned, present());
  orphan(declaration("user", "alice"), present());
  orphan(declaration("user", "bob"), present());
  const auto made = plan();
  ASSERT_THAT(names(made), ElementsAre("no-op /a", "blocked alice", "delete bob"));
  EXPECT_EQ(made.changes[1].blocked_because, "file /a stands on it and is still declared");
}

TEST_F(PlanOfOneHost, OnlyWhatWeMadeIsDeleted) {
  orphan(declaration("file", "/theirs"), present(), false);
  orphan(declaration("file", "/gone"), Finding{});
  auto changes = plan().changes;
  ASSERT_EQ(changes.size(), 2U);
  for (const auto& change : changes) {
    EXPECT_EQ(change.action, Action::no_op);
    EXPECT_TRUE(change.released);
  }
  EXPECT_TRUE(plan().converged());
}

TEST_F(PlanOfOneHost, WhatWasProtectedStays) {
  const auto kept = declaration("file", "/kept");
  orphan(kept, present());
  remember(*kept).protect = true;
  const auto made = plan();
  EXPECT_THAT(names(made), ElementsAre("blocked /kept"));
  EXPECT_TRUE(made.converged());
}

TEST_F(PlanOfOneHost, WhatCannotBeLookedAtIsNotDeleted) {
  Finding unknown;
  unknown.observation = Unknown{"time ran out"};
  orphan(declaration("file", "/x"), unknown);
  const auto made = plan();
  EXPECT_FALSE(made.has_writes());
  ASSERT_EQ(made.unchecked.size(), 1U);
  EXPECT_EQ(made.unchecked.front().reason, "time ran out");
}

TEST_F(PlanOfOneHost, AnInputThatChangesIsActedOn) {
  const auto file = declare(declaration("file", "/etc/x.conf"), Finding{});
  const auto service = declaration("service", "x");
  service->inputs = {{"file", "/etc/x.conf"}};
  service->attributes.set("inputs", "sha256:1");
  declare(service, present(), {file});
  const auto made = plan();
  EXPECT_THAT(names(made), ElementsAre("create /etc/x.conf", "update x"));
  EXPECT_THAT(made.changes[1].changed, ElementsAre("inputs"));
}

TEST_F(PlanOfOneHost, AnInputThatWasNotActedOnIsOwed) {
  const auto file = declaration("file", "/etc/x.conf");
  const auto position = declare(file, present());
  remember(*file);
  const auto service = declaration("service", "x");
  service->inputs = {{"file", "/etc/x.conf"}};
  service->attributes.set("inputs", "sha256:1");
  declare(service, present(), {position});
  EXPECT_FALSE(plan().has_writes()) << "nobody ever applied it: it is adopted as it runs";
  remember(*service);
  EXPECT_FALSE(plan().has_writes());
  remember(*service).applied->set("inputs", "sha256:0");
  EXPECT_THAT(plan().changes.back().changed, ElementsAre("inputs"));
  remember(*service).applied->remove("inputs");
  EXPECT_THAT(plan().changes.back().changed, ElementsAre("inputs"));
}

TEST_F(PlanOfOneHost, AnObstacleFallsWithWhatThePlanMakes) {
  const auto user = declare(declaration("user", "alice"), Finding{});
  Finding absent;
  absent.obstacle = Obstacle{"the user alice does not exist on this host", {{"user", "alice"}}};
  declare(declaration("file", "/x"), absent, {user});
  EXPECT_THAT(names(plan()), ElementsAre("create alice", "create /x"));
  seen_.findings[user] = present();
  EXPECT_THAT(names(plan()), ElementsAre("no-op alice", "blocked /x"));
}

TEST_F(PlanOfOneHost, TooManyDeletionsAreRefused) {
  for (const auto* name : {"/a", "/b", "/c"}) orphan(declaration("file", name), present());
  EXPECT_THAT(summaries({}), IsEmpty());
  Policy policy;
  policy.max_deletions = 2;
  EXPECT_THAT(summaries(policy),
              ElementsAre("Plan deletes too much: it deletes 3 resources, and 2 is the most"));
  policy = {};
  policy.max_deletions_percent = 50;
  EXPECT_THAT(summaries(policy), ElementsAre(HasSubstr("it deletes 3 of 3 resources, and 50 % is the most")));
  policy = {};
  policy.max_deletions_of = {{"file", 2}, {"image", 0}};
  EXPECT_THAT(summaries(policy),
              ElementsAre(HasSubstr("it deletes 3 files, and 2 is the most of that kind")));
}

TEST_F(PlanOfOneHost, AManifestOfAnotherClusterIsRefused) {
  std::get<Ledger>(seen_.ledger).cluster = "other";
  EXPECT_THAT(summaries({}),
              ElementsAre("Manifest is for another cluster: n1 were applied to as part of other, "
                          "and this is the manifest of koo"));
}

TEST_F(PlanOfOneHost, ATypeThatLostItsNodesTakesNothingWithIt) {
  orphan(declaration("file", "/a"), present());
  std::get<Ledger>(seen_.ledger).node_type = "viz";
  EXPECT_THAT(summaries({}), ElementsAre(HasSubstr("Node type has lost all its nodes")));
  manifest_.node_types["t"].lineage = {"t", "viz"};
  EXPECT_THAT(summaries({}), IsEmpty()) << "what extends it still has nodes";
}

}  // namespace
}  // namespace tidelock
