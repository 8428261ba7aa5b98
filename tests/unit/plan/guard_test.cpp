#include "engine/plan/guard.hpp"

#include <gtest/gtest.h>

namespace tidelock {
namespace {

Plan plan_with(Action action, std::string approval) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = "door";
  declaration->name = "front";
  Change change;
  change.host = "n1";
  change.declaration = declaration;
  change.action = action;
  change.approval = std::move(approval);
  Plan plan;
  plan.changes.push_back(change);
  return plan;
}

TEST(Guard, ChangesThatHaveToBeNamedAreRefusedUntilTheyAre) {
  const auto plan = plan_with(Action::update, "people are outside");
  const auto errors = unapproved(plan, {"n1:door:back"});
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].detail, "n1:door:front: people are outside");
  EXPECT_EQ(errors[0].advice, "if it is meant, say --auto-approve=n1:door:front");
  EXPECT_TRUE(unapproved(plan, {"n1:door:front"}).empty());
}

TEST(Guard, WhatIsNotDoneNeedsNoApproval) {
  EXPECT_TRUE(unapproved(plan_with(Action::blocked, "people are outside"), {}).empty());
  EXPECT_TRUE(unapproved(plan_with(Action::no_op, "people are outside"), {}).empty());
  EXPECT_TRUE(unapproved(plan_with(Action::update, ""), {}).empty());
}

TEST(Guard, JobsThatAPlanTouchesAreCountedOnce) {
  auto plan = plan_with(Action::update, "");
  for (const auto* job : {"job 1", "job 2", "job 1"})
    plan.changes[0].disturbs.push_back({Disturbance::Kind::job, job, "is on this node"});
  plan.changes[0].disturbs.push_back({Disturbance::Kind::service, "slurmctld", "restarted"});
  EXPECT_EQ(touched_jobs(plan), "job 1, job 2");
  plan.changes[0].action = Action::blocked;
  EXPECT_EQ(touched_jobs(plan), "");
}

TEST(Guard, APlanThatTouchesJobsIsRefusedWherePolicySaysSo) {
  auto plan = plan_with(Action::update, "");
  plan.changes[0].disturbs.push_back({Disturbance::Kind::job, "job 7", "is on this node"});
  Manifest manifest;
  Graph graph;
  graph.manifest = &manifest;
  Policy policy;
  EXPECT_TRUE(refusals(plan, graph, {}, policy).empty());
  policy.jobs = JobPolicy::refuse;
  const auto errors = refusals(plan, graph, {}, policy);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].summary, "Plan touches jobs");
  EXPECT_EQ(errors[0].detail, "job 7 would feel it");
}

}  // namespace
}  // namespace tidelock
