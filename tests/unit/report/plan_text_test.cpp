#include "engine/report/plan_text.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace tidelock
