#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/manifest/value_types.hpp"
#include "providers/slurm/conf/fields.hpp"

namespace tidelock::slurm {
namespace {

using Words = std::vector<std::string>;

const ConfField& of_partition(std::string_view key) { return *find_conf_field("slurm_partition", key); }
const ConfField& of_node(std::string_view key) { return *find_conf_field("slurm_node", key); }

Node scalar(std::string text) {
  Node::Scalar scalar;
  scalar.text = std::move(text);
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

/// What a manifest says and what slurm.conf says mean the same, and the latter is what is written.
void expect_same(const ConfField& field, const Node& manifest, std::string_view line,
                 std::string_view back = {}) {
  const auto wanted = declared_value(field, manifest);
  EXPECT_EQ(seen_value(field, line), wanted) << field.key << " " << line;
  EXPECT_EQ(written(field, wanted), back.empty() ? line : back) << field.key;
}

TEST(ConfFields, HaveKeysOfTheirOwn) {
  for (const auto fields : {partition_fields(), node_fields()}) {
    std::set<std::string_view> keys, names;
    for (const auto& field : fields) {
      EXPECT_TRUE(keys.insert(field.key).second) << field.key;
      EXPECT_TRUE(names.insert(field.slurm).second) << field.slurm;
      EXPECT_FALSE(field.description.empty()) << field.key;
      EXPECT_EQ(field.form == ConfForm::word, !field.words.empty()) << field.key;
      EXPECT_TRUE(field.initial.empty() || seen_value(field, field.initial) == initial_value(field))
          << field.key;
    }
  }
  EXPECT_EQ(find_conf_field("slurm_partition", "memory"), nullptr);
  EXPECT_EQ(find_conf_field("slurm_node", "max_time"), nullptr);
  EXPECT_EQ(find_conf_field("slurm_config", "state"), nullptr);
}

TEST(ConfFields, FlagsAreReadAsSlurmDoes) {
  const auto& hidden = of_partition("hidden");
  for (const auto* yes : {"YES", "yes", "Up", "TRUE", "1"})
    EXPECT_EQ(seen_value(hidden, yes), Value(true)) << yes;
  for (const auto* no : {"NO", "down", "False", "0"}) EXPECT_EQ(seen_value(hidden, no), Value(false)) << no;
  for (const auto* nonsense : {"", "maybe", "2", "y"}) EXPECT_FALSE(seen_value(hidden, nonsense)) << nonsense;
  expect_same(hidden, scalar("true"), "YES");
  expect_same(hidden, scalar("false"), "NO");
}

TEST(ConfFields, NumbersAndLimits) {
  expect_same(of_node("cpus"), scalar("64"), "64");
  expect_same(of_partition("max_nodes"), scalar("4"), "4");
  expect_same(of_partition("max_nodes"), scalar("unlimited"), "UNLIMITED");
  EXPECT_EQ(seen_value(of_partition("max_nodes"), "infinite"), Value());
  EXPECT_EQ(seen_value(of_partition("max_nodes"), "-1"), Value());
  for (const auto* nonsense : {"", "x", "-2", "4 ", "99999999999999999999"}) {
    EXPECT_FALSE(seen_value(of_node("cpus"), nonsense) && nonsense[0] != '-') << nonsense;
    EXPECT_FALSE(seen_value(of_partition("max_nodes"), nonsense)) << nonsense;
  }
}

TEST(ConfFields, MemoryIsInMegabytes) {
  expect_same(of_node("memory"), scalar("3584M"), "3584");
  expect_same(of_node("memory"), scalar("256G"), "262144");
  expect_same(of_node("tmp_disk"), scalar("0M"), "0");
  EXPECT_EQ(seen_value(of_node("memory"), "4G"), declared_value(of_node("memory"), scalar("4096M")));
  EXPECT_EQ(declared_value(of_node("memory"), scalar("1500K")),
            declared_value(of_node("memory"), scalar("1M")));
  for (const auto* nonsense : {"", "much", "-1", "4X", "999999999999999999999999"})
    EXPECT_FALSE(seen_value(of_node("memory"), nonsense)) << nonsense;
}

TEST(ConfFields, DurationsHaveTheUnitOfTheirKey) {
  expect_same(of_partition("max_time"), scalar("12h"), "12:00:00");
  expect_same(of_partition("max_time"), scalar("30m"), "30", "00:30:00");
  expect_same(of_partition("max_time"), scalar("2d"), "2-0", "2-00:00:00");
  expect_same(of_partition("max_time"), scalar("unlimited"), "UNLIMITED");
  expect_same(of_partition("max_time"), scalar("unlimited"), "INFINITE", "UNLIMITED");
  expect_same(of_partition("grace_time"), scalar("1m"), "60");
  expect_same(of_partition("grace_time"), scalar("0s"), "0");
  for (const auto* nonsense : {"", "soon", "1:2:3:4", "-"}) {
    EXPECT_FALSE(seen_value(of_partition("max_time"), nonsense)) << nonsense;
    EXPECT_FALSE(seen_value(of_partition("grace_time"), nonsense)) << nonsense;
  }
}

TEST(ConfFields, NoLimitIsNotTheSameAsSilence) {
  for (const auto* key : {"suspend_time", "resume_timeout", "over_time_limit", "default_time"}) {
    const auto& field = of_partition(key);
    EXPECT_NE(declared_value(field, scalar("unlimited")), initial_value(field)) << key;
    EXPECT_EQ(seen_value(field, "INFINITE"), declared_value(field, scalar("unlimited"))) << key;
  }
  EXPECT_EQ(written(of_partition("suspend_time"),
                    declared_value(of_partition("suspend_time"), scalar("unlimited"))),
            "INFINITE");
  EXPECT_EQ(written(of_partition("over_time_limit"),
                    declared_value(of_partition("over_time_limit"), scalar("unlimited"))),
            "UNLIMITED");
  EXPECT_EQ(declared_value(of_partition("max_time"), scalar("unlimited")),
            initial_value(of_partition("max_time")));
}

TEST(ConfFields, NamesAreSets) {
  expect_same(of_partition("allow_groups"), list({"b", "a", "b"}), " b,, a,", "a,b");
  expect_same(of_partition("allow_groups"), list({"ALL"}), "All", "ALL");
  expect_same(of_partition("allow_qos"), list({"Normal", "Moonlight"}), "MOONLIGHT,normal",
              "moonlight,normal");
  expect_same(of_partition("deny_accounts"), list({"Viz"}), "VIZ", "viz");
  EXPECT_NE(seen_value(of_partition("allow_groups"), "Staff"),
            seen_value(of_partition("allow_groups"), "staff"));
  EXPECT_EQ(seen_value(of_node("features"), ""), initial_value(of_node("features")));
}

TEST(ConfFields, WordsHaveNoCase) {
  expect_same(of_partition("state"), scalar("drain"), "Drain", "DRAIN");
  expect_same(of_partition("over_subscribe"), scalar("force:4"), "Force:4", "FORCE:4");
  expect_same(of_partition("preempt_mode"), scalar("off"), "OFF");
  EXPECT_EQ(seen_value(of_partition("over_subscribe"), "NO"), initial_value(of_partition("over_subscribe")));
}

TEST(ConfFields, AmountsHaveOneSpelling) {
  const auto& gres = of_node("gres");
  expect_same(gres, map({{"gpu", "4"}}), "gpu:4");
  expect_same(gres, map({{"GPU:V100", "2"}, {"mps", "100"}}), "mps:100,gpu:V100:2", "gpu:v100:2,mps:100");
  EXPECT_EQ(seen_value(gres, "gpu"), seen_value(gres, "GPU:1"));
  for (const auto* nonsense : {"gpu:", ":4", "gpu:a:b:c"})
    EXPECT_FALSE(seen_value(gres, nonsense)) << nonsense;
}

TEST(ConfFields, TextsAreTakenAsTheyAre) {
  expect_same(of_partition("alternate"), scalar("all"), "all");
  expect_same(of_partition("tres_billing_weights"), scalar("CPU=1.0,Mem=0.25G"), "CPU=1.0,Mem=0.25G");
  expect_same(of_node("address"), scalar("10.0.0.1"), "10.0.0.1");
}

std::vector<Node> samples_of(const ConfField& field) {
  switch (field.form) {
    case ConfForm::flag:
      return {scalar("true"), scalar("false")};
    case ConfForm::count:
      return {scalar("0"), scalar("1"), scalar("65536")};
    case ConfForm::limit:
      return {scalar("0"), scalar("7"), scalar("unlimited")};
    case ConfForm::megabytes:
      return {scalar("1M"), scalar("3584M"), scalar("2T")};
    case ConfForm::seconds:
      return {scalar("0s"), scalar("59s"), scalar("2h"), scalar("unlimited")};
    case ConfForm::wall:
      return {scalar("1m"), scalar("90m"), scalar("10d"), scalar("unlimited")};
    case ConfForm::names:
      return {list({"a"}), list({"all"}), list({"b", "A", "c-1"})};
    case ConfForm::word:
      return {scalar(std::string(field.words.back()))};
    case ConfForm::amounts:
      return {map({{"gpu", "1"}}), map({{"gpu:t4", "8"}, {"shard", "16"}})};
    case ConfForm::caseless:
    case ConfForm::text:
      return {scalar("yes:4"), scalar("CR_Core")};
  }
  return {};
}

TEST(ConfFields, WhatIsWrittenIsReadBack) {
  for (const auto fields : {partition_fields(), node_fields()})
    for (const auto& field : fields)
      for (const auto& sample : samples_of(field)) {
        const auto wanted = declared_value(field, sample);
        EXPECT_EQ(seen_value(field, written(field, wanted)), wanted)
            << field.key << " " << written(field, wanted);
      }
}

TEST(ConfFields, HostileTextsAreValuesOrNone) {
  for (const auto fields : {partition_fields(), node_fields()})
    for (const auto& field : fields)
      for (const std::string& text : {std::string("\xff\x1b[2J\n"), std::string(100'000, '9'),
                                      std::string(100'000, ','), std::string("$(reboot)"), std::string("-1")})
        if (const auto value = seen_value(field, text)) (void)written(field, *value);
}

TEST(ConfFields, ValuesOfAnotherSortAreWrittenWithoutHarm) {
  for (const auto fields : {partition_fields(), node_fields()})
    for (const auto& field : fields)
      for (const Value& value :
           {Value(), Value(true), Value(std::int64_t{3}), Value(std::string("x")), Value(Words{"y"})})
        (void)written(field, value);
}

}  // namespace
}  // namespace tidelock::slurm
