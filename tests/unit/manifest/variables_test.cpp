#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

constexpr std::string_view head = "tidelock: 1\ncluster: k\nnodes: { n: { type: t } }\n";

Loaded load_rest(std::string_view rest) { return load_text(fmt::format("{}{}", head, rest)); }

/// The section's body as text, or the messages.
std::string body(std::string_view section, std::string_view rest) {
  const auto loaded = load_rest(rest);
  if (!loaded.manifest) return loaded.messages;
  const auto* found = find_section(*loaded.manifest, section, section == "queues" ? "" : "t");
  return found == nullptr ? "no section" : shown(found->body);
}

TEST(Variables, AreReplacedInKeysAndValues) {
  EXPECT_EQ(body("directories",
                 "vars: { who: portal, where: scratch }\n"
                 "node_types: { t: { directories: { '/${where}/{a,b}_${who}': { owner: '${who}' } } } }\n"),
            "{/scratch/a_portal: {owner: 'portal'}, /scratch/b_portal: {owner: 'portal'}}");
}

TEST(Variables, MayReferToEachOther) {
  EXPECT_EQ(body("files",
                 "vars: { a: '<${b}>', b: '${c}${c}', c: x }\n"
                 "node_types: { t: { files: { /f: { content: '${a}' } } } }\n"),
            "{/f: {content: '<xx>'}}");
}

TEST(Variables, ADoubledDollarIsALiteral) {
  EXPECT_EQ(body("files",
                 "vars: { home: '$${HOME}', x: y }\n"
                 "node_types: { t: { files: { /f: { content: '${home} $${x} ${x} $x $$ $ {x}' } } } }\n"),
            "{/f: {content: '${HOME} ${x} y $x $$ $ {x}'}}");
}

TEST(Variables, KeepTheQuotesOfTheirPlaceOrTheirOwn) {
  EXPECT_EQ(
      body(
          "directories",
          "vars: { m: '0755' }\n"
          "node_types:\n  t:\n    directories:\n      /a:\n        mode: ${m}\n      /b: { mode: '${m}' }\n"),
      "{/a: {mode: '0755'}, /b: {mode: '0755'}}");
  EXPECT_EQ(body("queues", "vars: { p: 5 }\nnode_types: { t: {} }\nqueues:\n  q:\n    priority: ${p}\n"),
            "{q: {priority: 5}}");
  EXPECT_EQ(body("queues", "vars: { p: 5 }\nnode_types: { t: {} }\nqueues: { q: { priority: '${p}' } }\n"),
            "cluster.yaml:6:26: error: Number is not valid\n"
            "  \"5\" in quotes is a text; write the number without them\n");
}

TEST(Variables, ASecretIsTakenOverAsAWhole) {
  EXPECT_EQ(body("queues",
                 "vars: { pw: !env PW, again: '${pw}' }\nnode_types: { t: {} }\n"
                 "queues: { q: { password: '${again}' } }\n"),
            "{q: {password: !env 'PW'}}");
}

TEST(Variables, ASecretIsNoPartOfAText) {
  EXPECT_EQ(
      body("queues",
           "vars: { pw: !env PW, s: 'x${pw}' }\nnode_types: { t: { directories: { '/${pw}': {} } } }\n"
           "queues: { '${pw}': { password: 'a ${pw}', label: '${pw}' }, r: { password: !env '${pw}' } }\n"),
      "cluster.yaml:4:25: error: Secret cannot be part of a text\n"
      "  \"pw\" is a secret: it can be a whole value, as in password: ${pw}, and nothing else\n"
      "cluster.yaml:5:35: error: Secret cannot be part of a text\n"
      "  \"pw\" is a secret: it can be a whole value, as in password: ${pw}, and nothing else\n"
      "cluster.yaml:6:11: error: Secret cannot be part of a text\n"
      "  \"pw\" is a secret: it can be a whole value, as in password: ${pw}, and nothing else\n"
      "cluster.yaml:6:32: error: Secret cannot be part of a text\n"
      "  \"pw\" is a secret: it can be a whole value, as in password: ${pw}, and nothing else\n"
      "cluster.yaml:6:50: error: Secret is not possible here\n"
      "  the value of \"label\" is not kept secret, so that it cannot be a !env, !file or !command\n"
      "cluster.yaml:6:76: error: Secret cannot be part of a text\n"
      "  \"pw\" is a secret: it can be a whole value, as in password: ${pw}, and nothing else\n");
}

TEST(Variables, UnknownOnesAreNamed) {
  EXPECT_EQ(body("directories",
                 "vars: { owner: root }\n"
                 "node_types: { t: { directories: { /a: { owner: '${ower}', group: 'x${gang}' } } } }\n"),
            "cluster.yaml:5:48: error: Unknown variable\n"
            "  \"ower\" is not declared under \"vars\"; did you mean \"owner\"? (write $${ower} for the text "
            "${ower} itself)\n"
            "cluster.yaml:5:66: error: Unknown variable\n"
            "  \"gang\" is not declared under \"vars\"; there are: owner (write $${gang} for the text "
            "${gang} itself)\n");
}

TEST(Variables, WrongReferences) {
  EXPECT_EQ(
      body("files",
           "node_types: { t: { files: { /a: { content: 'x ${y' }, /b: { content: '${a b}${}' } } } }\n"),
      "cluster.yaml:4:44: error: Variable is not closed\n"
      "  a ${ without its }; write $${ for the text ${ itself\n"
      "cluster.yaml:4:70: error: Variable name is not valid\n"
      "  ${a b} has no name of letters, digits, _ and -; write $${ for the text ${ itself\n");
}

TEST(Variables, NamesThatNobodyCouldWrite) {
  EXPECT_EQ(body("directories", "vars: { 'a b': x, c-d_1: y }\nnode_types: { t: {} }\n"),
            "cluster.yaml:4:16: error: Variable name is not valid\n"
            "  \"a b\": names of variables have letters, digits, _ and - only\n");
}

TEST(Variables, CirclesAreShownOnceAndFollowedNowhere) {
  EXPECT_EQ(body("directories",
                 "vars: { a: '${b}', b: '-${c}', c: '${a}' }\n"
                 "node_types: { t: { directories: { /x: { owner: '${a}', mode: '${b}' } } } }\n"),
            "cluster.yaml:4:35: error: Variables form a circle\n"
            "  a → b → c → a\n");
}

TEST(Variables, AreSingleValues) {
  EXPECT_EQ(body("directories",
                 "vars: { a: [x], b: { c: d } }\n"
                 "node_types: { t: { directories: { /x: { owner: '${a}' } } } }\n"),
            "cluster.yaml:4:12: error: Variable is not a single value\n"
            "  \"a\" is put into texts, so it cannot be a list or a map\n"
            "cluster.yaml:4:20: error: Variable is not a single value\n"
            "  \"b\" is put into texts, so it cannot be a list or a map\n");
}

TEST(Variables, MakeNoKeyTwice) {
  EXPECT_EQ(body("queues", "vars: { x: q }\nnode_types: { t: {} }\nqueues: { q: {}, '${x}': {} }\n"),
            "cluster.yaml:6:18: error: Duplicate key\n"
            "  with its variables put in, this is \"q\" once more\n"
            "  cluster.yaml:6:11: first here\n");
}

TEST(Variables, DoNotGrowWithoutEnd) {
  std::string text = "vars:\n  v0: " + std::string(100, 'x') + "\n";
  for (int i = 1; i < 60; ++i) text += fmt::format("  v{}: ${{v{}}}${{v{}}}\n", i, i - 1, i - 1);
  EXPECT_EQ(body("directories", text + "node_types: { t: {} }\n"),
            "cluster.yaml:19:8: error: Text is too long\n"
            "  variables make more than 1.0 MB of it\n");
}

TEST(Variables, AChainIsBounded) {
  std::string text = "vars:\n  z: x\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("  v{:04}: ${{v{:04}}}\n", i, i + 1);
  text += "  v1000: x\n";
  EXPECT_EQ(body("directories", text + "node_types: { t: {} }\n"),
            "cluster.yaml:69:10: error: Variables lead too far\n"
            "  more than 64 of them in one chain\n");
}

TEST(Variables, ThoseOfTwoFilesOfOneClusterDiffer) {
  const ManifestFolder folder;
  folder.write("cluster.yaml",
               fmt::format("{}include: a.yaml\nvars: {{ x: 1 }}\nnode_types: {{ t: {{}} }}\n", head));
  folder.write("a.yaml", "vars: { x: 2, y: 3 }\n");
  EXPECT_EQ(load("cluster.yaml").messages,
            "a.yaml:1:9: error: Declared in two files\n"
            "  \"x\" can stand in one file only: remove it here or there\n"
            "  cluster.yaml:5:9: first here\n");
}

/// A relative path starts from the folder of the file that wrote its beginning.
TEST(Variables, BringTheFolderOfTheirFile) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", fmt::format("{}include: types/t.yaml\nvars: {{ images: apptainer }}\n", head));
  folder.write("types/t.yaml",
               "node_types: { t: { images: { /a: { from: '${images}/viz' }, /b: { from: '${images}' }, /c: { "
               "from: 'x/${images}' "
               "} } } }\n");
  const auto loaded = load("cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  const auto& images = find_section(*loaded.manifest, "images", "t")->body;
  EXPECT_EQ(local_path(*images.find("/a")->find("from")), folder.path() / "apptainer/viz");
  EXPECT_EQ(local_path(*images.find("/b")->find("from")), folder.path() / "apptainer");
  EXPECT_EQ(local_path(*images.find("/c")->find("from")), folder.path() / "types/x/apptainer");
}

}  // namespace
}  // namespace tidelock::test
