#include "engine/apply/schedule.hpp"

#include <gtest/gtest.h>

namespace tidelock {
namespace {

/// A family whose every change is an upload for kind "image", a rehearsal and a script for "tried", and a
/// script for all others.
class Fake final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "fake"; }
  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 3> kinds{"image", "file", "tried"};
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
  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext&) const override {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const ScriptStep script{Script("f() { :; }", "f")};
      if (changes[i]->declaration->kind == "image") {
        steps.push_back({{i}, "send", std::chrono::seconds(1), UploadStep{}});
        steps.push_back({{i}, "install", std::chrono::seconds(1), script});
      } else if (changes[i]->declaration->kind == "tried") {
        steps.push_back({{i}, "try", std::chrono::seconds(1), script});
        steps.back().rehearses = true;
        steps.push_back({{i}, "write", std::chrono::seconds(1), script});
      } else {
        steps.push_back({{i}, "write", std::chrono::seconds(1), script});
      }
    }
    return steps;
  }
};

Registry registry() {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<Fake>());
  return Registry(std::move(providers));
}

Change change(const std::string& host, const std::string& kind, std::vector<std::uint32_t> after = {}) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = kind;
  declaration->name = "x";
  Change result;
  result.host = host;
  result.declaration = declaration;
  result.action = Action::create;
  result.after = std::move(after);
  return result;
}

using Batch = std::vector<std::size_t>;

TEST(Schedule, ScriptsGoTogetherAndUploadsAlone) {
  Plan plan;
  plan.changes = {change("a", "file"), change("a", "file", {0}), change("a", "image", {1})};
  const auto all = registry();
  Schedule schedule(plan, all, {"a"}, {{}});
  EXPECT_EQ(schedule.ready(0), (Batch{0, 1}));
  for (const auto step : {0U, 1U}) schedule.set_state(step, StepState::done);
  EXPECT_EQ(schedule.ready(0), (Batch{2}));
  schedule.set_state(2, StepState::done);
  EXPECT_EQ(schedule.ready(0), (Batch{3}));
  schedule.set_state(3, StepState::done);
  EXPECT_TRUE(schedule.finished(0));
}

TEST(Schedule, AHostWaitsForAnother) {
  Plan plan;
  plan.changes = {change("a", "file"), change("b", "file", {0})};
  const auto all = registry();
  Schedule schedule(plan, all, {"a", "b"}, {{}, {}});
  EXPECT_TRUE(schedule.ready(1).empty());
  schedule.set_state(0, StepState::done);
  EXPECT_EQ(schedule.ready(1), (Batch{1}));
}

TEST(Schedule, WhatNeedsAFailureIsSkippedAndNothingElse) {
  Plan plan;
  plan.changes = {change("a", "file"), change("a", "file", {0}), change("b", "file", {1}),
                  change("b", "file")};
  const auto all = registry();
  Schedule schedule(plan, all, {"a", "b"}, {{}, {}});
  schedule.set_state(0, StepState::failed);
  schedule.skip_doomed();
  EXPECT_TRUE(schedule.finished(0));
  EXPECT_EQ(schedule.states()[2], StepState::skipped);
  EXPECT_EQ(schedule.ready(1), (Batch{3}));
}

/// n1 has steps 0 and 1, the lead tries in 2 and writes in 3, n2 has 4.
TEST(Schedule, ARehearsalComesBeforeTheStepsOfOtherHosts) {
  Plan plan;
  plan.changes = {change("n1", "image"), change("lead", "tried", {0}), change("n2", "file")};
  plan.changes[1].after.push_back(2);
  const auto all = registry();
  Schedule schedule(plan, all, {"n1", "lead", "n2"}, {{}, {}, {}});
  EXPECT_TRUE(schedule.ready(0).empty());
  EXPECT_TRUE(schedule.ready(2).empty());
  ASSERT_EQ(schedule.ready(1), (Batch{2}));
  schedule.set_state(2, StepState::done);
  EXPECT_EQ(schedule.ready(0), (Batch{0}));
  EXPECT_EQ(schedule.ready(2), (Batch{4}));
  EXPECT_TRUE(schedule.ready(1).empty());
  schedule.set_state(4, StepState::done);
  schedule.set_state(0, StepState::done);
  EXPECT_TRUE(schedule.ready(1).empty()) << "the other host has a second step";
  schedule.set_state(1, StepState::done);
  EXPECT_EQ(schedule.ready(1), (Batch{3}));
}

TEST(Schedule, AfterARehearsalThatFailedNothingIsDone) {
  Plan plan;
  plan.changes = {change("n1", "file"), change("lead", "file"), change("lead", "tried", {0, 1}),
                  change("n2", "file")};
  const auto all = registry();
  Schedule schedule(plan, all, {"n1", "lead", "n2"}, {{}, {}, {}});
  schedule.set_state(1, StepState::done);
  schedule.set_state(2, StepState::failed);
  schedule.skip_doomed();
  EXPECT_EQ(schedule.states()[0], StepState::skipped);
  EXPECT_EQ(schedule.states()[3], StepState::skipped);
  EXPECT_EQ(schedule.ready(2), (Batch{4})) << "it has nothing to do with that";
}

TEST(Schedule, ARehearsalWaitsForWhatItsOwnHostNeedsBefore) {
  Plan plan;
  plan.changes = {change("lead", "image"), change("lead", "tried", {0})};
  const auto all = registry();
  Schedule schedule(plan, all, {"lead"}, {{}});
  EXPECT_EQ(schedule.ready(0), (Batch{0}));
}

}  // namespace
}  // namespace tidelock
