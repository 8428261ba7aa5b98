#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/manifest/value_type.hpp"
#include "providers/slurm/accounting/fields.hpp"

namespace tidelock::slurm {
namespace {

using Words = std::vector<std::string>;

const Field& field(std::string_view kind, std::string_view key) { return *find_field(kind, key); }
const Field& of_qos(std::string_view key) { return field("slurm_qos", key); }

Node scalar(std::string text, bool quoted = false) {
  Node::Scalar scalar;
  scalar.text = std::move(text);
  scalar.quoted = quoted;
  return {Location{}, std::move(scalar)};
}

Node list(const Words& words) {
  Node::Sequence items;
  for (const auto& word : words) items.push_back(scalar(word));
  return {Location{}, std::move(items)};
}

Node map(const std::vector<std::pair<std::string, std::string>>& entries) {
  Node::Map all;
  for (const auto& [key, value] : entries) all.push_back({key, Location{}, scalar(value)});
  return {Location{}, std::move(all)};
}

Value declared(const Field& field, const Node& node) {
  Diagnostics diagnostics;
  auto value = declared_value(field, node, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  return value;
}

TEST(SlurmFields, HaveKeysOfTheirOwn) {
  for (const auto fields : {qos_fields(), association_fields(), user_fields()}) {
    std::set<std::string_view> keys;
    for (const auto& one : fields) {
      EXPECT_TRUE(keys.insert(one.key).second) << one.key;
      EXPECT_FALSE(one.description.empty()) << one.key;
      EXPECT_TRUE(seen_value(one, one.initial)) << one.key;
    }
  }
  EXPECT_EQ(find_field("slurm_qos", "fairshare"), nullptr);
  EXPECT_EQ(find_field("slurm_user", "max_wall"), nullptr);
}

TEST(SlurmFields, MeanTheSameInTheManifestAndInSacctmgr) {
  EXPECT_EQ(declared(of_qos("max_wall"), scalar("480m")), *seen_value(of_qos("max_wall"), "08:00:00"));
  EXPECT_EQ(declared(of_qos("max_wall"), scalar("50h")), *seen_value(of_qos("max_wall"), "2-02:00:00"));
  EXPECT_EQ(declared(of_qos("max_wall"), scalar("unlimited")), *seen_value(of_qos("max_wall"), ""));
  EXPECT_EQ(declared(of_qos("grace_time"), scalar("1m")), *seen_value(of_qos("grace_time"), "00:01:00"));
  EXPECT_EQ(declared(of_qos("usage_factor"), scalar("0.50")),
            *seen_value(of_qos("usage_factor"), "0.500000"));
  EXPECT_EQ(declared(of_qos("preempt"), list({"Normal", "b", "normal"})),
            *seen_value(of_qos("preempt"), "b,normal"));
  EXPECT_EQ(declared(of_qos("flags"), list({"NoDecay", "DenyOnLimit"})),
            *seen_value(of_qos("flags"), "DenyOnLimit,NoDecay"));
  EXPECT_EQ(declared(field("slurm_user", "admin_level"), scalar("operator")),
            *seen_value(field("slurm_user", "admin_level"), "Operator"));
  EXPECT_EQ(declared(of_qos("description"), scalar(" Some | Text ", true)),
            *seen_value(of_qos("description"), "some | text"));
}

TEST(SlurmFields, UnsetZeroAndUnlimitedAreNotTheSame) {
  const auto& jobs = of_qos("grp_jobs");
  EXPECT_EQ(declared(jobs, scalar("unlimited")), Value());
  EXPECT_EQ(declared(jobs, scalar("0")), Value(std::int64_t{0}));
  EXPECT_EQ(*seen_value(jobs, ""), Value());
  EXPECT_EQ(*seen_value(jobs, "0"), Value(std::int64_t{0}));
  EXPECT_NE(*seen_value(of_qos("max_wall"), "00:00:00"), *seen_value(of_qos("max_wall"), ""));
}

TEST(SlurmFields, AmountsHaveOneSpelling) {
  const auto& tres = of_qos("max_tres_per_user");
  const auto wanted = declared(tres, map({{"GPU", "2"}, {"mem", "3584M"}, {"Cpu", "4"}, {"gpu:V100", "1"}}));
  EXPECT_EQ(wanted, Value(Words{"cpu=4", "gres/gpu:v100=1", "gres/gpu=2", "mem=3584M"}));
  EXPECT_EQ(*seen_value(tres, "mem=3.50G,gres/gpu=2,cpu=4,gres/gpu:v100=1"), wanted);
  EXPECT_EQ(declared(tres, map({{"mem", "1T"}})), *seen_value(tres, "mem=1048576"));
  EXPECT_EQ(*seen_value(tres, ""), Value(Words{}));
}

TEST(SlurmFields, MemoryNeedsItsUnit) {
  Diagnostics diagnostics;
  (void)declared_value(of_qos("grp_tres"), map({{"mem", "64"}}), diagnostics);
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.list().front().detail, "64 has no unit; write 64M or 64G");
}

TEST(SlurmFields, TextsThatSacctmgrWouldSplitAreRefused) {
  for (const auto* text : {"it's", "a \"b\"", "two\nlines", "\xff"}) {
    Diagnostics diagnostics;
    (void)declared_value(of_qos("description"), scalar(text, true), diagnostics);
    EXPECT_TRUE(diagnostics.has_errors()) << text;
  }
}

TEST(SlurmFields, NonsenseIsNoValue) {
  EXPECT_FALSE(seen_value(of_qos("grp_jobs"), "many"));
  EXPECT_FALSE(seen_value(of_qos("max_wall"), "soon"));
  EXPECT_FALSE(seen_value(of_qos("grp_tres"), "cpu"));
  EXPECT_FALSE(seen_value(of_qos("grp_tres"), "cpu=x"));
  EXPECT_FALSE(seen_value(of_qos("usage_factor"), "-nan"));
}

std::string set(const Field& field, const Value& wanted, const Value& before = {}) {
  return assignment(field, wanted, &before);
}

TEST(SlurmFields, AreSetInTheUnitsOfEach) {
  EXPECT_EQ(set(of_qos("grace_time"), std::string("1m")), "GraceTime=60");
  EXPECT_EQ(set(of_qos("max_wall"), std::string("8h")), "MaxWallDurationPerJob=480");
  EXPECT_EQ(set(of_qos("preempt_exempt_time"), std::string("10m")), "PreemptExemptTime=0-00:10:00");
  EXPECT_EQ(set(of_qos("grp_jobs"), std::int64_t{0}), "GrpJobs=0");
  EXPECT_EQ(set(of_qos("description"), std::string("a | b")), "Description=\"a | b\"");
  EXPECT_EQ(set(of_qos("preempt"), Words{"a", "b"}), "Preempt=a,b");
}

TEST(SlurmFields, WhatIsTakenAwayIsNamed) {
  EXPECT_EQ(set(of_qos("max_wall"), Value()), "MaxWallDurationPerJob=-1");
  EXPECT_EQ(set(of_qos("flags"), Words{}), "Flags=-1");
  EXPECT_EQ(set(of_qos("preempt"), Words{}), "Preempt=");
  EXPECT_EQ(set(of_qos("grp_tres"), Words{"cpu=4"}, Words{"cpu=2", "gres/gpu:v100=1", "gres/gpu=2"}),
            "GrpTRES=cpu=4,gres/gpu:v100=-1,gres/gpu=-1");
  EXPECT_EQ(set(field("slurm_association", "default_qos"), Value()), "DefaultQOS=-1");
  EXPECT_EQ(set(field("slurm_association", "fairshare"), std::string("parent")), "FairShare=parent");
}

TEST(SlurmFields, WhatAManifestShowsIsReadBack) {
  for (const auto* text : {"1m", "59m", "8h", "1-02:03:00", "100h", "2d30m"}) {
    const auto value = declared(of_qos("max_wall"), scalar(text));
    EXPECT_EQ(declared(of_qos("max_wall"), scalar(value_type("wall_limit").show(value))), value) << text;
  }
}

}  // namespace
}  // namespace tidelock::slurm
