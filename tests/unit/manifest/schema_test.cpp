#include "engine/manifest/schema.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

using nlohmann::json;

TEST(Schema, HasTheSectionsOfItsFragments) {
  const auto& schema = file_schema();
  EXPECT_TRUE(schema.is_node_type_section("directories"));
  EXPECT_FALSE(schema.is_cluster_section("directories"));
  EXPECT_TRUE(schema.is_cluster_section("queues"));
  EXPECT_FALSE(schema.is_cluster_section("nodes"));
  EXPECT_FALSE(schema.is_node_type_section("extends"));
  EXPECT_EQ(schema.section("images").at("title"), "Images");
  EXPECT_EQ(schema.section("queues").at("title"), "Queues");
}

TEST(Schema, BugsOfFamiliesAreNoticedAtOnce) {
  EXPECT_THROW((void)file_schema().section("frobs"), std::logic_error);
  const SchemaFragment one{.node_type = {{"x", json::object()}}, .cluster = {}, .definitions = {}};
  EXPECT_THROW(Schema({one, one}), std::logic_error);
  const SchemaFragment taken{.node_type = {}, .cluster = {{"nodes", json::object()}}, .definitions = {}};
  EXPECT_THROW(Schema({taken}), std::logic_error);
  const SchemaFragment text{.node_type = {}, .cluster = {}, .definitions = {{"d", {{"type", "string"}}}}};
  const SchemaFragment number{.node_type = {}, .cluster = {}, .definitions = {{"d", {{"type", "integer"}}}}};
  EXPECT_NO_THROW(Schema({text, text}));
  EXPECT_THROW(Schema({text, number}), std::logic_error);
}

TEST(Schema, IsOneDraft7DocumentForEditors) {
  const auto& document = file_schema().document();
  EXPECT_EQ(document.at("$schema"), "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(document.at("additionalProperties"), false);
  EXPECT_TRUE(document.at("definitions").at("node_type").at("properties").contains("files"));
  EXPECT_TRUE(document.at("properties").contains("queues"));
}

/// Every key of ours says what it is; editors and the reference show it.
void expect_described(const json& schema, const std::string& where) {
  if (!schema.contains("properties")) return;
  for (const auto& [key, property] : schema.at("properties").items()) {
    EXPECT_TRUE(property.contains("title")) << where << key;
    EXPECT_TRUE(property.contains("description")) << where << key;
    EXPECT_TRUE(property.contains("examples")) << where << key;
    expect_described(property, where + key + ".");
    if (property.contains("additionalProperties") && property.at("additionalProperties").is_object())
      expect_described(property.at("additionalProperties"), where + key + ".*.");
  }
}

TEST(Schema, TheEnvelopeIsDescribed) {
  const Schema schema({});
  expect_described(schema.document(), "");
  expect_described(schema.document().at("definitions").at("node_type"), "node_type.");
}

/// What an entry of `queues` must not be, at the place of the value.
std::string queue(std::string_view body) {
  return messages_for(fmt::format("node_types: {{ compute: {{}} }}\nqueues:\n  q: {{ {} }}\n", body));
}

TEST(Check, TakesWhatIsRight) {
  EXPECT_EQ(
      queue("max_wall: 8h, priority: 5, flags: [b, a], order: [x], hidden: true, label: abc, password: no"),
      "");
  EXPECT_EQ(queue(""), "");
  EXPECT_EQ(queue("password: !env X"), "");
  EXPECT_EQ(queue("password: 0644"), "");
  EXPECT_EQ(queue("max_wall: 8:00:00"), "");
}

TEST(Check, UnknownKeysWithWhatWasMeant) {
  EXPECT_EQ(queue("max_wal: 8h, frobnicate: 1"),
            "cluster.yaml:6:8: error: Unknown key\n"
            "  \"max_wal\" is not known here; did you mean \"max_wall\"?\n"
            "cluster.yaml:6:21: error: Unknown key\n"
            "  \"frobnicate\" is not known here; known are: flags, hidden, label, max_wall, order, password, "
            "priority\n");
}

TEST(Check, AMisspeltKeyIsNotMissingToo) {
  EXPECT_EQ(messages_for("node_types: { compute: { images: { /a: { form: x } } } }\n"),
            "cluster.yaml:4:42: error: Unknown key\n"
            "  \"form\" is not known here; did you mean \"from\"?\n");
}

TEST(Check, KeysInTheWrongPlace) {
  EXPECT_EQ(messages_for("directories: {}\nnode_types: { compute: { queues: {}, policy: {}, nodes: {} } }\n"),
            "cluster.yaml:4:1: error: Unknown key\n"
            "  \"directories\" belongs into a node type: node_types: { NAME: { directories: … } }\n"
            "cluster.yaml:5:26: error: Unknown key\n"
            "  \"queues\" belongs to the top of the manifest, not into a node type\n"
            "cluster.yaml:5:38: error: Unknown key\n"
            "  \"policy\" belongs to the top of the manifest, not into a node type\n"
            "cluster.yaml:5:50: error: Unknown key\n"
            "  \"nodes\" belongs to the top of the manifest, not into a node type\n");
}

TEST(Check, ValueTypes) {
  EXPECT_EQ(
      queue("max_wall: 8, priority: '5', hidden: yes"),
      "cluster.yaml:6:18: error: Duration is not valid\n"
      "  8 has no unit (Slurm takes a bare number for seconds here and for minutes there); write 8s or 8m\n"
      "cluster.yaml:6:31: error: Number is not valid\n"
      "  \"5\" in quotes is a text; write the number without them\n"
      "cluster.yaml:6:44: error: Truth value is not valid\n"
      "  \"yes\" is not a truth value; write true or false (yes, no, on and off are texts)\n");
}

TEST(Check, Shapes) {
  EXPECT_EQ(queue("max_wall: [8h], priority: {}, flags: x, order: [[a], 1], label: true, hidden: [x]"),
            "cluster.yaml:6:18: error: Value has the wrong type\n"
            "  \"max_wall\" has to be a duration, not a list\n"
            "cluster.yaml:6:34: error: Value has the wrong type\n"
            "  \"priority\" has to be a whole number, not a map\n"
            "cluster.yaml:6:45: error: Value has the wrong type\n"
            "  \"flags\" has to be a list, not the text \"x\"\n"
            "cluster.yaml:6:56: error: Value has the wrong type\n"
            "  \"order\" has to be a text, not a list\n"
            "cluster.yaml:6:61: error: Value has the wrong type\n"
            "  \"order\" has to be a text; put 1 in quotes if it is meant as a text\n"
            "cluster.yaml:6:72: error: Value has the wrong type\n"
            "  \"label\" has to be a text; put true in quotes if it is meant as a text\n"
            "cluster.yaml:6:86: error: Value has the wrong type\n"
            "  \"hidden\" has to be true or false, not a list\n");
  EXPECT_EQ(messages_for("node_types: [compute]\nqueues: x\n"),
            "cluster.yaml:4:13: error: Value has the wrong type\n"
            "  \"node_types\" has to be a map, not a list\n"
            "cluster.yaml:5:9: error: Value has the wrong type\n"
            "  \"queues\" has to be a map, not the text \"x\"\n");
}

TEST(Check, SecretsOnlyWhereTheyStaySecret) {
  EXPECT_EQ(queue("label: !env X"),
            "cluster.yaml:6:15: error: Secret is not possible here\n"
            "  the value of \"label\" is not kept secret, so that it cannot be a !env, !file or !command\n");
}

TEST(Check, EmptyValues) {
  EXPECT_EQ(queue("priority: , order: [~]"),
            "cluster.yaml:6:8: error: Value is missing\n"
            "  \"priority\" is empty: that takes away what is inherited, and nothing is inherited here; "
            "write a value, or {} "
            "for an empty map\n"
            "cluster.yaml:6:28: error: Value is missing\n"
            "  \"order\" is empty: that takes away what is inherited, and nothing is inherited here; write a "
            "value, or {} for "
            "an empty map\n");
}

/// A constraint that only the validator knows.
TEST(Check, WhatOnlyTheValidatorSees) {
  EXPECT_EQ(queue("label: ABC, priority: x"),
            "cluster.yaml:6:8: error: Value does not fit the schema\n"
            "  \"label\": Lower-case letters.\n"
            "cluster.yaml:6:30: error: Number is not valid\n"
            "  \"x\" is not a whole number\n");
}

TEST(Check, LongTextsDoNotHurtTheValidator) {
  EXPECT_EQ(queue("label: " + std::string(1'000'000, 'a')), "");
  EXPECT_EQ(queue("label: " + std::string(1'000'000, 'A')).substr(0, 57),
            "cluster.yaml:6:8: error: Value does not fit the schema\n  ");
}

TEST(Check, ExactlyOneOfSeveralKeys) {
  EXPECT_EQ(messages_for(
                "node_types: { compute: { files: { /a: {}, /b: { content: x, owner: y, source: z } } } }\n"),
            "cluster.yaml:4:35: error: Key is missing\n"
            "  \"/a\" needs \"content\" or \"source\"\n"
            "cluster.yaml:4:71: error: Keys exclude each other\n"
            "  \"content\" and \"source\" say the same thing in two ways; keep one of them\n"
            "  cluster.yaml:4:49: the other is here\n");
}

TEST(Check, Choices) {
  EXPECT_EQ(messages_for("connection: { become: sudoo }\n"
                         "node_types: { compute: { directories: { /a: { ignore: [mod, xyz] } } } }\n"),
            "cluster.yaml:4:23: error: Value is not possible here\n"
            "  \"sudoo\" cannot be the value of \"become\"; did you mean \"sudo\"?\n"
            "cluster.yaml:5:56: error: Value is not possible here\n"
            "  \"mod\" cannot be the value of \"ignore\"; did you mean \"mode\"?\n"
            "cluster.yaml:5:61: error: Value is not possible here\n"
            "  \"xyz\" cannot be the value of \"ignore\"; possible are: owner, group, mode\n");
}

TEST(Check, Alternatives) {
  EXPECT_EQ(messages_for("node_types: { compute: { extends: {} } }\n"
                         "connection: { identity: [], known_hosts: '' }\n"
                         "policy: { max_deletions: [1] }\n"),
            "cluster.yaml:4:35: error: Value has the wrong type\n"
            "  \"extends\" has to be a name or a list, not a map\n"
            "cluster.yaml:5:25: error: List is too short\n"
            "  \"identity\" needs at least one entry\n"
            "cluster.yaml:5:42: error: Text is empty\n"
            "  \"known_hosts\" cannot be empty\n"
            "cluster.yaml:6:26: error: Value has the wrong type\n"
            "  \"max_deletions\" has to be a whole number or a map, not a list\n");
  EXPECT_EQ(
      messages_for("node_types: { compute: {} }\npolicy: { max_deletions: { count: -1, percentage: 5 } }\n"),
      "cluster.yaml:5:35: error: Number is out of range\n"
      "  \"count\" can be 0 or more, not -1\n"
      "cluster.yaml:5:39: error: Unknown key\n"
      "  \"percentage\" is not known here; did you mean \"percent\"?\n");
}

TEST(Check, WhatEveryManifestNeeds) {
  EXPECT_EQ(load_text("policy: {}\n").messages,
            "cluster.yaml:1:1: error: Key is missing\n"
            "  the manifest has no \"tidelock\": the format's version; write tidelock: 1\n"
            "cluster.yaml:1:1: error: Key is missing\n"
            "  the manifest has no \"cluster\": the cluster's name\n"
            "cluster.yaml:1:1: error: Key is missing\n"
            "  the manifest has no \"nodes\": and no machine is meant when none is named\n");
  EXPECT_EQ(load_text("tidelock: 2\ncluster: -k\nnodes: {}\n").messages,
            "cluster.yaml:1:11: error: Value is not possible here\n"
            "  \"2\" cannot be the value of \"tidelock\"; possible are: 1\n"
            "cluster.yaml:2:10: error: Name is not valid\n"
            "  \"-k\" cannot be a name: it begins with -, which programs take for an option\n"
            "cluster.yaml:3:1: error: Map is empty\n"
            "  \"nodes\" needs at least one entry\n");
}

Attributes attributes_of(std::string_view queue) {
  const auto loaded =
      load_text(fmt::format("tidelock: 1\ncluster: k\nnodes: {{ n: {{ type: t }} }}\nnode_types: {{ t: {{}} "
                            "}}\nqueues: {{ q: {{ {} }} }}\n",
                            queue));
  if (!loaded.manifest) throw std::runtime_error(loaded.messages);
  const auto& schema = file_schema();
  const auto& body = find_section(*loaded.manifest, "queues", "")->body;
  return schema.attributes(*body.find("q"), schema.section("queues").at("additionalProperties"));
}

TEST(SchemaAttributes, AreCanonical) {
  EXPECT_EQ(attributes_of(
                "max_wall: 480m, priority: 7, hidden: true, flags: [b, a, b], order: [b, a, b], label: abc"),
            (Attributes{{"max_wall", std::int64_t{28'800}},
                        {"priority", std::int64_t{7}},
                        {"hidden", true},
                        {"flags", std::vector<std::string>{"a", "b"}},
                        {"order", std::vector<std::string>{"b", "a", "b"}}}));
  EXPECT_EQ(attributes_of("max_wall: '8:00:00'"), attributes_of("max_wall: 8h"));
  EXPECT_EQ(attributes_of(""), Attributes{});
}

TEST(SchemaAttributes, HoldNoSecrets) {
  EXPECT_EQ(attributes_of("password: !env X"), Attributes{});
  EXPECT_EQ(attributes_of("password: 0644"), (Attributes{{"password", "0644"}}));
}

TEST(SchemaAttributes, FollowReferences) {
  const auto loaded = load_text(
      "tidelock: 1\ncluster: k\nnodes: { n: { type: t } }\n"
      "node_types: { t: { directories: { /a: { owner: 1000, mode: '755', protect: true } } } }\n");
  ASSERT_EQ(loaded.messages, "");
  const auto& schema = file_schema();
  const auto& body = find_section(*loaded.manifest, "directories", "t")->body;
  EXPECT_EQ(schema.attributes(*body.find("/a"), schema.section("directories").at("additionalProperties")),
            (Attributes{{"owner", "1000"}, {"mode", "0755"}}));
}

}  // namespace
}  // namespace tidelock::test
