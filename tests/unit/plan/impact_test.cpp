#include "engine/plan/impact.hpp"

#include <gmock/gmock.h>

namespace tidelock {
namespace {

constexpr std::uint64_t megabyte = 1'000'000;

Change sending(std::string host, std::uint64_t bytes, Action action = Action::update) {
  Change change;
  change.host = std::move(host);
  change.declaration = std::make_shared<Declaration>();
  change.action = action;
  change.bytes_to_send = bytes;
  return change;
}

/// A host that was sent `bytes` a second before; 0 for never.
HostObservation seen(std::string host, std::uint64_t bytes) {
  HostObservation observation;
  observation.host = std::move(host);
  Ledger ledger{"koo", "t", "key", {}};
  ledger.transfers = {bytes, bytes == 0 ? 0U : 1000U};
  observation.ledger = std::move(ledger);
  return observation;
}

TEST(TransferTime, IsNotGuessedWithoutExperience) {
  Plan plan;
  plan.changes = {sending("a", megabyte)};
  EXPECT_EQ(expected_transfer_seconds(plan, {seen("a", 0)}, {}), std::nullopt);
  plan.changes.front().action = Action::blocked;
  EXPECT_EQ(expected_transfer_seconds(plan, {seen("a", megabyte)}, {}), std::nullopt);
}

TEST(TransferTime, IsThatOfTheSlowestHostWhileThereIsRoomForAll) {
  Plan plan;
  plan.changes = {sending("a", 10 * megabyte), sending("b", 10 * megabyte)};
  const std::vector observations{seen("a", megabyte), seen("b", 2 * megabyte)};
  EXPECT_EQ(expected_transfer_seconds(plan, observations, {.parallel = 2, .bandwidth = {}}), 10U);
  EXPECT_EQ(expected_transfer_seconds(plan, observations, {.parallel = 1, .bandwidth = {}}), 15U);
}

TEST(TransferTime, TakesANewHostForOneLikeTheOthers) {
  Plan plan;
  plan.changes = {sending("new", 30 * megabyte)};
  EXPECT_EQ(
      expected_transfer_seconds(plan, {seen("new", 0), seen("a", megabyte), seen("b", 5 * megabyte)}, {}),
      10U);
}

TEST(TransferTime, IsNoLessThanTheBandwidthAllows) {
  Plan plan;
  plan.changes = {sending("a", 10 * megabyte)};
  EXPECT_EQ(
      expected_transfer_seconds(plan, {seen("a", 100 * megabyte)}, {.parallel = 4, .bandwidth = 8'000'000}),
      10U);
}

TEST(ImpactOfAPlan, CountsOnlyWhatIsWritten) {
  Plan plan;
  plan.changes = {sending("a", megabyte), sending("a", megabyte, Action::blocked)};
  for (auto& change : plan.changes) {
    change.disturbs = {{Disturbance::Kind::service, "web", "restarted"}};
    change.irreversible = "all";
  }
  const auto impact = impact_of(plan);
  EXPECT_EQ(impact.bytes_to_send, megabyte);
  ASSERT_EQ(impact.items.size(), 1U);
  EXPECT_EQ(impact.items.front().change, &plan.changes.front());
  EXPECT_THAT(impact.irreversible, testing::ElementsAre(&plan.changes.front()));
}

}  // namespace
}  // namespace tidelock
