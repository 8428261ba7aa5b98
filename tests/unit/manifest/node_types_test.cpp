// Node types: what they extend, and paths as keys.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

using testing::ElementsAre;

constexpr std::string_view head = "tidelock: 1\ncluster: k\nnodes: { \"n[1-2]\": { type: viz } }\n";

Loaded load_types(std::string_view rest) { return load_text(fmt::format("{}{}", head, rest)); }

std::string directories(std::string_view rest) {
  const auto loaded = load_types(rest);
  if (!loaded.manifest) return loaded.messages;
  const auto* section = find_section(*loaded.manifest, "directories", "viz");
  return section == nullptr ? "no section" : shown(section->body);
}

TEST(NodeTypes, OwnValuesWinOverWhatIsExtended) {
  EXPECT_EQ(directories(R"(node_types:
  base: { directories: { /a: { owner: root, mode: "0755" }, /b: { owner: root, ignore: [owner, mode] } } }
  viz: { extends: base, directories: { /c: {}, /b: { ignore: [group] }, /a: { mode: "0700" } } }
)"),
            "{/a: {owner: root, mode: '0700'}, /b: {owner: root, ignore: [group]}, /c: {}}");
}

TEST(NodeTypes, OfSeveralBasesTheLaterWins) {
  EXPECT_EQ(directories(R"(node_types:
  one: { directories: { /a: { owner: one, group: one } } }
  two: { directories: { /a: { owner: two } } }
  viz: { extends: [one, two] }
)"),
            "{/a: {owner: two, group: one}}");
}

TEST(NodeTypes, LineageIsNearestFirst) {
  const auto loaded = load_types(R"(node_types:
  root: {}
  one: { extends: root }
  two: { extends: root }
  viz: { extends: [one, two] }
)");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_THAT(loaded.manifest->node_types.at("viz").lineage, ElementsAre("viz", "two", "root", "one"));
  EXPECT_THAT(loaded.manifest->node_types.at("root").lineage, ElementsAre("root"));
  EXPECT_EQ(to_string(loaded.manifest->node_types.at("two").at), "cluster.yaml:7:3");
}

TEST(NodeTypes, AnEmptyValueRemovesWhatIsInherited) {
  EXPECT_EQ(directories(R"(node_types:
  base: { directories: { "/x/{a,b}": { owner: root, mode: "0755" } }, files: { /f: { content: x } } }
  viz:
    extends: base
    directories: { /x/a: ~, /x/b: { mode: ~ } }
    files:
)"),
            "{/x/b: {owner: root}}");
}

TEST(NodeTypes, PathKeysMeetWhateverTheirSpelling) {
  EXPECT_EQ(directories(R"(node_types:
  base: { directories: { "/scratch/vnc_{sandboxes,sessions,logs}": { owner: portal, mode: "0755" } } }
  viz: { extends: base, directories: { /scratch//./vnc_logs/: { mode: "0775" } } }
)"),
            "{/scratch/vnc_sandboxes: {owner: portal, mode: '0755'}, /scratch/vnc_sessions: {owner: portal, "
            "mode: '0755'}, "
            "/scratch/vnc_logs: {owner: portal, mode: '0775'}}");
}

TEST(NodeTypes, EntriesStandWhereTheyWereWrittenLast) {
  const auto loaded = load_types(R"(node_types:
  base: { directories: { /a: { owner: x }, /b: {} } }
  viz:
    extends: base
    directories:
      /a: { mode: "0755" }
)");
  ASSERT_EQ(loaded.messages, "");
  const auto& body = find_section(*loaded.manifest, "directories", "viz")->body;
  EXPECT_EQ(to_string(body.entries()[0].key_at), "cluster.yaml:9:7");
  EXPECT_EQ(to_string(body.entries()[1].key_at), "cluster.yaml:5:44");
  EXPECT_EQ(to_string(body.find("/a")->find("owner")->at()), "cluster.yaml:5:39");
}

TEST(NodeTypes, TwoKeysForOnePathAreAnError) {
  EXPECT_EQ(directories(R"(node_types:
  viz: { directories: { "/x/{a,b}": {}, /x/a/: {}, "/y/{c,c}": {} } }
)"),
            "cluster.yaml:5:41: error: Path stands twice\n"
            "  \"/x/a\" comes out of \"/x/{a,b}\" and of \"/x/a/\"\n"
            "  cluster.yaml:5:25: first here\n"
            "cluster.yaml:5:52: error: Path stands twice\n"
            "  \"/y/c\" comes out of \"/y/{c,c}\" twice\n");
}

TEST(NodeTypes, WrongPathsAreErrorsAtTheirKeys) {
  EXPECT_EQ(
      directories(R"(node_types:
  viz: { directories: { a/b: {}, /a/../b: {}, "/x/{a": { mode: 5 }, "/{a,b": {} } }
)"),
      "cluster.yaml:5:25: error: Path is not valid\n"
      "  \"a/b\" is not absolute: it has to begin with /\n"
      "cluster.yaml:5:34: error: Path is not valid\n"
      "  \"/a/../b\" goes up by ..; write the path that is meant\n"
      "cluster.yaml:5:64: error: Mode is not valid\n"
      "  \"5\" is not 3 or 4 octal digits; write a mode as chmod takes it in digits, in quotes: \"0755\"\n"
      "cluster.yaml:5:69: error: Brace list is not valid\n"
      "  /{a,b: a { without its }\n");
}

TEST(NodeTypes, ABaseThatIsNotThereBringsNothingElse) {
  EXPECT_EQ(directories(R"(node_types:
  base: { images: { /i: { from: x } } }
  viz: { extends: [bas, base], images: { /j: { allow_empty: true } }, directories: { /x: ~ } }
  other: { extends: viz }
)"),
            "cluster.yaml:6:20: error: Unknown node type\n"
            "  \"bas\" is not under \"node_types\"; did you mean \"base\"?\n");
}

TEST(NodeTypes, CirclesAreShown) {
  EXPECT_EQ(directories("node_types: { viz: { extends: a }, a: { extends: [b] }, b: { extends: viz }, c: { "
                        "extends: c } }\n"),
            "cluster.yaml:4:71: error: Node types form a circle\n"
            "  viz → a → b → viz\n"
            "cluster.yaml:4:92: error: Node types form a circle\n"
            "  c → c\n");
}

TEST(NodeTypes, ChainsAreBounded) {
  std::string text = "node_types:\n  viz: { extends: t0 }\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("  t{}: {{ extends: t{} }}\n", i, i + 1);
  text += "  t1000: {}\n";
  EXPECT_EQ(directories(text),
            "cluster.yaml:68:19: error: Node types lead too far\n"
            "  more than 64 of them in one chain\n");
}

/// What a base leaves out is for those that extend it to add; what nobody completes is missing.
TEST(NodeTypes, ABaseWithoutNodesMayBeIncomplete) {
  EXPECT_EQ(load_types(R"(node_types:
  base: { images: { /i: { allow_empty: true } } }
  viz: { extends: base, images: { /i: { from: x } } }
)")
                .messages,
            "");
  EXPECT_EQ(load_types(R"(node_types:
  base: { images: { /i: { allow_empty: true } } }
  viz: { extends: base }
)")
                .messages,
            "cluster.yaml:5:21: error: Key is missing\n"
            "  \"/i\" needs \"from\"\n");
}

TEST(NodeTypes, OneMistakeInABaseIsSaidOnce) {
  EXPECT_EQ(load_types(R"(node_types:
  base: { directories: { "/x/{a,b}": { mod: "0755", owner: -r } } }
  other: { extends: base }
  viz: { extends: [base, other] }
)")
                .messages,
            "cluster.yaml:5:40: error: Unknown key\n"
            "  \"mod\" is not known here; did you mean \"mode\"?\n"
            "cluster.yaml:5:60: error: Account name is not valid\n"
            "  \"-r\" cannot be the name of a user or group: it begins with -, which programs take for an "
            "option\n");
}

TEST(NodeTypes, SectionsAreMadeForTypesThatHaveNodes) {
  const auto loaded = load_text(R"(tidelock: 1
cluster: k
nodes: { v1: { type: viz }, c1: { type: compute }, "v[2-3]": { type: viz } }
queues: { q: {} }
node_types:
  unused: { directories: { /u: {} } }
  viz: { directories: { /v: {} }, files: { /f: { content: x } } }
  compute: { directories: { /c: {} } }
)");
  ASSERT_EQ(loaded.messages, "");
  std::string sections;
  for (const auto& section : loaded.manifest->sections)
    sections += fmt::format("{}.{} {}; ", section.node_type, section.name, fmt::join(section.hosts, ","));
  EXPECT_EQ(sections, "viz.directories v1,v2,v3; viz.files v1,v2,v3; compute.directories c1; .queues ; ");
}

}  // namespace
}  // namespace tidelock::test
