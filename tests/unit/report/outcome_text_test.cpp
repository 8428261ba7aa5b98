#include "engine/report/outcome_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidelock {
namespace {

using ::testing::HasSubstr;

TEST(OutcomeText, AnInterruptedChangeIsNotBlamedOnAnother) {
  Plan plan;
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = "directory";
  declaration->name = "/srv";
  plan.changes.emplace_back();
  plan.changes.back().declaration = declaration;
  plan.changes.back().action = Action::create;
  Outcomes outcomes;
  outcomes.list.push_back({.change = 0, .status = Outcome::Status::skipped, .step = {}, .error = {}});
  EXPECT_THAT(outcomes_text(plan, outcomes, Style(false)),
              HasSubstr("1 change not tried, because what it needs failed.\n"));
  outcomes.interrupted = true;
  EXPECT_THAT(outcomes_text(plan, outcomes, Style(false)), HasSubstr("1 change not tried.\n"));
}

}  // namespace
}  // namespace tidelock
