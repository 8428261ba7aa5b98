#include "engine/report/plan_text.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/plan_json.hpp"

namespace tidelock {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const Plan& plan) { return plan_text(plan, Style(false), true); }

Plan refused_on(int hosts) {
  Plan plan;
  for (int i = 1; i <= hosts; ++i) {
    const auto host = fmt::format("n{}", i);
    plan.unchecked.push_back({host, std::nullopt, "Login was refused",
                              fmt::format("{} (eve@{})\nkey: not tried", host, host), ""});
  }
  return plan;
}

TEST(PlanText, FoldsEqualDetailsOverHosts) {
  EXPECT_THAT(text_of(refused_on(2)), HasSubstr("? n[1-2]\n"
                                                "    unchecked: Login was refused\n"
                                                "    key: not tried\n"
                                                "    n1 (eve@n1)\n"
                                                "    n2 (eve@n2)\n"));
}

TEST(PlanText, SaysOfWhichHostsADetailIsTrue) {
  auto plan = refused_on(3);
  plan.unchecked[2].detail = "no agent";
  EXPECT_THAT(text_of(plan), HasSubstr("    n[1-2]: key: not tried\n"));
  EXPECT_THAT(text_of(plan), HasSubstr("    n3: no agent\n"));
}

TEST(PlanText, DetailsOfManyHostsDoNotFillTheScreen) {
  const auto text = text_of(refused_on(1000));
  EXPECT_THAT(text, HasSubstr("… 981 more lines\n"));
  EXPECT_THAT(text, Not(HasSubstr("eve@n1000")));
}

TEST(PlanText, ASavedPlanReadsLikeThePlan) {
  Plan plan;
  auto parent = std::make_shared<Declaration>();
  parent->kind = "directory";
  parent->name = "/srv";
  parent->implied = true;
  parent->asked_by = {"a parent of file /srv/a"};
  Change change;
  change.host = "n1";
  change.declaration = parent;
  change.action = Action::create;
  change.cause = Cause::fresh;
  change.fingerprint = "absent";
  plan.changes.push_back(change);
  plan.extras.push_back({"n1", {"image", "/opt/x.sif", {}}});
  const auto saved = parse_plan_file(format_plan_file(plan, {}));
  ASSERT_TRUE(saved);
  EXPECT_THAT(text_of(plan), HasSubstr("a parent of file /srv/a, which is not there yet"));
  EXPECT_EQ(text_of(saved->plan), text_of(plan));
}

TEST(PlanText, ADigestOfASecretIsNotShown) {
  EXPECT_EQ(
      value_text(std::string("hmac-sha256:def66cae67503c09fa86e57ad185dfa760af881fa8b2ec9391e41e200a8432a9")),
      "(secret)");
}

}  // namespace
}  // namespace tidelock
