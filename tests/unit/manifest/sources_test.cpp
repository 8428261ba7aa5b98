// Manifests of several files: what they include, and the cluster files they extend.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

constexpr std::string_view main_file = R"(tidelock: 1
cluster: koo
include: [types/viz.yaml, types/compute.yaml]
nodes: { v1: { type: viz }, c1: { type: compute } }
)";

TEST(Include, MapsComeTogetherKeyByKey) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", main_file);
  folder.write("types/viz.yaml", "node_types: { viz: { directories: { /v: {} } } }\n");
  folder.write("types/compute.yaml",
               "tidelock: 1\ninclude: ../more.yaml\nnode_types: { compute: { directories: { /c: {} } } }\n");
  folder.write("more.yaml", "node_types: { compute: { directories: { /more: {}, /c: { owner: root } } } }\n");
  const auto loaded = load("cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(shown(find_section(*loaded.manifest, "directories", "viz")->body), "{/v: {}}");
  EXPECT_EQ(shown(find_section(*loaded.manifest, "directories", "compute")->body),
            "{/c: {owner: root}, /more: {}}");
}

TEST(Include, OneLeafInTwoFilesIsAnError) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", main_file);
  folder.write("types/viz.yaml",
               "cluster: other\nnode_types: { viz: { directories: { '/a/{b,c}': { mode: '0755' } } } }\n");
  folder.write("types/compute.yaml",
               "node_types: { compute: {}, viz: { directories: { /a//b: { owner: x, mode: '0700' } } } }\n");
  EXPECT_EQ(load("cluster.yaml").messages,
            "types/viz.yaml:1:1: error: Declared in two files\n"
            "  \"cluster\" can stand in one file only: remove it here or there\n"
            "  cluster.yaml:2:1: first here\n"
            "types/compute.yaml:1:69: error: Declared in two files\n"
            "  \"mode\" can stand in one file only: remove it here or there\n"
            "  types/viz.yaml:2:51: first here\n");
}

TEST(Include, CirclesAreShown) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", "include: a/b.yaml\n");
  folder.write("a/b.yaml", "include: c.yaml\n");
  folder.write("a/c.yaml", "include: ../cluster.yaml\n");
  EXPECT_EQ(load("cluster.yaml").messages,
            "a/c.yaml:1:10: error: Files form a circle\n"
            "  cluster.yaml → a/b.yaml → a/c.yaml → cluster.yaml\n");
}

TEST(Include, AFileIncludedTwiceCountsOnce) {
  const ManifestFolder folder;
  folder.write("cluster.yaml",
               "tidelock: 1\ncluster: koo\ninclude: [a.yaml, b.yaml]\nnodes: { n: { type: t } }\n");
  folder.write("a.yaml", "include: types.yaml\n");
  folder.write("b.yaml", "include: ./types.yaml\n");
  folder.write("types.yaml", "node_types: { t: {} }\n");
  EXPECT_EQ(load("cluster.yaml").messages, "");
}

TEST(Include, EverythingThatCannotBeReadIsSaid) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", "include: [missing.yaml, broken.yaml, list.yaml, [x], '', '${v}', .]\n");
  folder.write("broken.yaml", "a: [\n");
  folder.write("list.yaml", "- a\n");
  const auto where = folder.path().native();
  EXPECT_EQ(load("cluster.yaml").messages,
            "cluster.yaml:1:11: error: Cannot read file\n"
            "  " +
                where +
                "/missing.yaml: No such file or directory\n"
                "cluster.yaml:1:49: error: Value has the wrong type\n"
                "  \"include\" names a file, or a list of files\n"
                "cluster.yaml:1:54: error: Value has the wrong type\n"
                "  \"include\" names a file, or a list of files\n"
                "cluster.yaml:1:58: error: Variable is not possible here\n"
                "  \"include\" is read before there are variables\n"
                "cluster.yaml:1:66: error: Cannot read file\n"
                "  " +
                where +
                "/ is not a regular file\n"
                "broken.yaml:1:4: error: YAML syntax error\n"
                "  this [ is not closed by its ]\n"
                "list.yaml:1:1: error: Manifest is not a map\n"
                "  a manifest is a map of sections such as cluster, nodes and node_types\n");
}

TEST(Include, AnEmptyFileIsFine) {
  const ManifestFolder folder;
  folder.write(
      "cluster.yaml",
      "tidelock: 1\ncluster: k\ninclude: later.yaml\nnodes: { n: { type: t } }\nnode_types: { t: {} }\n");
  folder.write("later.yaml", "# nothing yet\n");
  EXPECT_EQ(load("cluster.yaml").messages, "");
}

TEST(Include, CannotExtend) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", "include: a.yaml\n");
  folder.write("a.yaml", "extends: b.yaml\n");
  EXPECT_EQ(load("cluster.yaml").messages,
            "a.yaml:1:10: error: Included file cannot extend\n"
            "  \"extends\" at the top makes a cluster out of another cluster: only the manifest itself, and "
            "the cluster file "
            "it extends, can say that\n");
}

TEST(Include, ChainsAreBounded) {
  const ManifestFolder folder;
  for (int i = 0; i < 70; ++i)
    folder.write("f" + std::to_string(i) + ".yaml", "include: f" + std::to_string(i + 1) + ".yaml\n");
  EXPECT_EQ(load("f0.yaml").messages,
            "f63.yaml:1:10: error: Files lead too far\n"
            "  more than 64 files in one chain\n");
}

constexpr std::string_view base_file = R"(tidelock: 1
cluster: base
connection: { user: portal, identity: [a, b] }
nodes: { n1: { type: t }, n2: { type: t } }
policy: { max_deletions: 3 }
vars: { owner: root }
node_types:
  common: { directories: { /common: { owner: "${owner}" }, /gone: {} } }
  t: { extends: common, directories: { "/x/{1,2}": { owner: a, mode: "0755" } } }
queues: { q: { order: [a, b], priority: 1 } }
)";

TEST(Extends, ThisFileWins) {
  const ManifestFolder folder;
  folder.write("base/cluster.yaml", base_file);
  folder.write("site/cluster.yaml", R"(extends: ../base/cluster.yaml
cluster: site
connection: { identity: c }
nodes: { m1: { type: t } }
vars: { owner: me }
node_types:
  t: { directories: { /x/1: { owner: b }, /new: {} } }
queues: { q: { order: [c] } }
)");
  const auto loaded = load("site/cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  const auto& manifest = *loaded.manifest;
  EXPECT_EQ(manifest.cluster, "site");
  EXPECT_EQ(manifest.connection.user, "portal");
  EXPECT_THAT(manifest.connection.identities, testing::ElementsAre(folder.path() / "site/c"));
  ASSERT_EQ(manifest.nodes.size(), 1U);
  EXPECT_EQ(manifest.nodes[0].name, "m1");
  EXPECT_EQ(manifest.policy.max_deletions, 3);
  EXPECT_EQ(shown(find_section(manifest, "directories", "t")->body),
            "{/common: {owner: 'me'}, /gone: {}, /x/1: {owner: b, mode: '0755'}, /x/2: {owner: a, mode: "
            "'0755'}, /new: {}}");
  EXPECT_EQ(shown(find_section(manifest, "queues", "")->body), "{q: {order: [c], priority: 1}}");
}

TEST(Extends, AnEmptyValueRemovesWhatIsInherited) {
  const ManifestFolder folder;
  folder.write("base.yaml", base_file);
  folder.write("cluster.yaml", R"(extends: base.yaml
connection:
node_types:
  t:
    directories:
      /gone:             # comes from "common"
      /x/1:
      /x/2: { mode: ~ }
queues: { q: { order: ~ } }
)");
  const auto loaded = load("cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(loaded.manifest->connection.user, std::nullopt);
  EXPECT_EQ(shown(find_section(*loaded.manifest, "directories", "t")->body),
            "{/common: {owner: 'root'}, /x/2: {owner: a}}");
  EXPECT_EQ(shown(find_section(*loaded.manifest, "queues", "")->body), "{q: {priority: 1}}");
}

TEST(Extends, AnEmptyValueWithNothingToRemoveIsAnError) {
  const ManifestFolder folder;
  folder.write("base.yaml", base_file);
  folder.write("cluster.yaml",
               "extends: base.yaml\ntransfers:\nnode_types: { t: { directories: { /x/3: ~ } } }\n");
  EXPECT_EQ(load("cluster.yaml").messages,
            "cluster.yaml:2:1: error: Value is missing\n"
            "  \"transfers\" is empty: that takes away what is inherited, and nothing is inherited here; "
            "write a value, or {} "
            "for an empty map\n"
            "cluster.yaml:3:35: error: Value is missing\n"
            "  \"/x/3\" is empty: that takes away what is inherited, and nothing is inherited here; write a "
            "value, or {} for "
            "an empty map\n");
}

TEST(Extends, GoesOnAndIncludes) {
  const ManifestFolder folder;
  folder.write("a.yaml", "extends: b.yaml\ncluster: a\n");
  folder.write("b.yaml", "extends: c/c.yaml\nvars: { x: b }\n");
  folder.write("c/c.yaml", "tidelock: 1\ncluster: c\ninclude: d.yaml\nnodes: { n: { type: t } }\n");
  folder.write("c/d.yaml",
               "vars: { x: d, y: d }\nnode_types: { t: { directories: { \"/${x}/${y}\": {} } } }\n");
  const auto loaded = load("a.yaml");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(shown(find_section(*loaded.manifest, "directories", "t")->body), "{/b/d: {}}");
}

TEST(Extends, CirclesAreShown) {
  const ManifestFolder folder;
  folder.write("a.yaml", "extends: b.yaml\n");
  folder.write("b.yaml", "extends: ./a.yaml\n");
  EXPECT_EQ(load("a.yaml").messages,
            "b.yaml:1:10: error: Files form a circle\n"
            "  a.yaml → b.yaml → a.yaml\n");
}

TEST(Extends, NamesOneFile) {
  const ManifestFolder folder;
  folder.write("a.yaml", "extends: [b.yaml]\n");
  EXPECT_EQ(load("a.yaml").messages,
            "a.yaml:1:10: error: Value has the wrong type\n"
            "  \"extends\" names one cluster file\n");
}

TEST(Files, AreReadOnlyIfTheyCanBeManifests) {
  const ManifestFolder folder;
  const auto message = [](const std::string& name) { return load(name).messages; };
  EXPECT_EQ(message("missing.yaml"), "error: Cannot read file\n  missing.yaml: No such file or directory\n");
  EXPECT_EQ(message("."), "error: Cannot read file\n  . is not a regular file\n");
  EXPECT_EQ(message("/dev/zero"), "error: Cannot read file\n  /dev/zero is not a regular file\n");
  folder.write("empty.yaml", "");
  EXPECT_EQ(message("empty.yaml"),
            "empty.yaml:1:1: error: Manifest is empty\n"
            "  nothing but comments and blank lines is in this file\n");
}

TEST(Digest, CoversAllTextsInTheirOrderAndNoNames) {
  const ManifestFolder folder;
  const auto digest = [&](std::string_view name, std::string_view text, std::string_view included) {
    folder.write(name, text);
    folder.write("i.yaml", included);
    const auto loaded = load(std::string(name));
    return loaded.manifest ? loaded.manifest->digest : loaded.messages;
  };
  constexpr std::string_view text =
      "tidelock: 1\ncluster: k\ninclude: i.yaml\nnodes: { n: { type: t } }\nnode_types: { t: {} }\n";
  const auto first = digest("a.yaml", text, "# x\n");
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(digest("b.yaml", text, "# x\n"), first);
  EXPECT_NE(digest("a.yaml", text, "# y\n"), first);
  EXPECT_NE(digest("a.yaml", std::string(text) + "#", "# x\n"), first);
}

TEST(ManifestPath, AFolderMeansItsClusterFile) {
  const ManifestFolder folder;
  folder.write("site/cluster.yaml", "");
  EXPECT_EQ(manifest_path("site"), "site/cluster.yaml");
  EXPECT_EQ(manifest_path("site/cluster.yaml"), "site/cluster.yaml");
  EXPECT_EQ(manifest_path("missing.yaml"), "missing.yaml");
}

}  // namespace
}  // namespace tidelock::test
