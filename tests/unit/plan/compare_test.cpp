#include <gtest/gtest.h>

#include "engine/plan/plan.hpp"

namespace tidelock {
namespace {

DeclarationPtr declared(Attributes attributes, std::set<std::string, std::less<>> ignore = {}) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = "directory";
  declaration->name = "/srv";
  declaration->attributes = std::move(attributes);
  declaration->ignore = std::move(ignore);
  return declaration;
}

Finding there(Attributes attributes) {
  Finding finding;
  finding.observation = Present{std::move(attributes)};
  return finding;
}

Finding absent() { return {}; }

Ledger applied(Attributes attributes) {
  Ledger ledger{"koo", "t", "k", {}};
  ledger.entries[{"directory", "/srv"}].applied = std::move(attributes);
  return ledger;
}

const Attributes wanted{{"mode", "0755"}, {"owner", "root"}};
const Attributes other{{"mode", "0700"}, {"owner", "root"}};

TEST(Compare, NothingDiffers) {
  const auto ledger = applied(other);
  const auto change = compare(declared(wanted), there(wanted), &ledger);
  EXPECT_EQ(change.action, Action::no_op);
  EXPECT_EQ(change.cause, Cause::none);
  EXPECT_FALSE(change.before);
}

TEST(Compare, OnlyWhatIsDeclaredIsCompared) {
  EXPECT_EQ(
      compare(declared({{"mode", "0755"}}), there({{"mode", "0755"}, {"owner", "eve"}}), nullptr).action,
      Action::no_op);
}

TEST(Compare, NewWhenNeitherLedgerNorHostKnowIt) {
  const auto change = compare(declared(wanted), absent(), nullptr);
  EXPECT_EQ(change.action, Action::create);
  EXPECT_EQ(change.cause, Cause::fresh);
  EXPECT_EQ(change.changed, (std::vector<std::string>{"mode", "owner"}));
}

TEST(Compare, AdoptWhenItIsThereAndDiffers) {
  const auto change = compare(declared(wanted), there(other), nullptr);
  EXPECT_EQ(change.action, Action::update);
  EXPECT_EQ(change.cause, Cause::adopt);
  EXPECT_EQ(change.changed, (std::vector<std::string>{"mode"}));
  EXPECT_EQ(change.before, other);
}

TEST(Compare, ManifestWhenTheHostIsAsApplied) {
  const auto ledger = applied(other);
  EXPECT_EQ(compare(declared(wanted), there(other), &ledger).cause, Cause::manifest);
}

TEST(Compare, DriftWhenTheManifestIsAsApplied) {
  const auto ledger = applied(wanted);
  EXPECT_EQ(compare(declared(wanted), there(other), &ledger).cause, Cause::drift);
  EXPECT_EQ(compare(declared(wanted), absent(), &ledger).cause, Cause::drift);
}

TEST(Compare, BothWhenBothMoved) {
  const auto ledger = applied({{"mode", "0711"}, {"owner", "root"}});
  EXPECT_EQ(compare(declared(wanted), there(other), &ledger).cause, Cause::both);
}

TEST(Compare, AnIntentThatWasNeverDoneIsNoMemory) {
  Ledger ledger{"koo", "t", "k", {}};
  ledger.entries[{"directory", "/srv"}].intended = wanted;
  EXPECT_EQ(compare(declared(wanted), absent(), &ledger).cause, Cause::fresh);
}

TEST(Compare, IgnoredAttributesCountOnlyWhenItIsCreated) {
  EXPECT_EQ(compare(declared(wanted, {"mode"}), there(other), nullptr).action, Action::no_op);
  EXPECT_EQ(compare(declared(wanted, {"mode"}), absent(), nullptr).action, Action::create);
}

TEST(Compare, CouldNotLookIsNeverACreate) {
  Finding finding;
  finding.observation = Unknown{"Permission denied"};
  const auto change = compare(declared(wanted), finding, nullptr);
  EXPECT_EQ(change.action, Action::blocked);
  EXPECT_EQ(change.blocked_because, "Permission denied");
}

TEST(Compare, ObstaclesCountOnlyWhenSomethingHasToBeDone) {
  auto finding = there(other);
  finding.obstacle = Obstacle{"a link is in the way", {}};
  EXPECT_EQ(compare(declared(wanted), finding, nullptr).action, Action::blocked);
  finding.observation = Present{wanted};
  EXPECT_EQ(compare(declared(wanted), finding, nullptr).action, Action::no_op);
}

TEST(Compare, SecretsAreComparedWithTheLedgerByKeyedDigest) {
  const auto declaration = declared({{"content", Hidden{"aa"}}});
  Ledger ledger{"koo", "t", "k", {}};
  ledger.entries[{"directory", "/srv"}].applied = ledger.stored(declaration->attributes);
  EXPECT_EQ(compare(declaration, there({{"content", Hidden{"bb"}}}), &ledger).cause, Cause::drift);
  EXPECT_EQ(compare(declared({{"content", Hidden{"cc"}}}), there({{"content", Hidden{"aa"}}}), &ledger).cause,
            Cause::manifest);
}

}  // namespace
}  // namespace tidelock
