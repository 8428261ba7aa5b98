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

}  // namespace
}  // namespace tidelock
