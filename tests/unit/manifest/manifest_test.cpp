// Whole manifests.
#include "engine/manifest/manifest.hpp"

#include <chrono>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

using testing::ElementsAre;

/// The reference site, as far as this schema goes.
constexpr std::string_view reference_site =
    R"(# yaml-language-server: $schema=../../schemas/manifest.schema.json
tidelock: 1
cluster: koo
connection: { user: portal, become: sudo, identity: ~/.ssh/id_ed25519, known_hosts: known_hosts }
transfers:  { parallel: 4, bandwidth: 800Mbit }          # so that images do not starve the head node's users
filesystems: { /shared: { scope: cluster, apply_on: controller } }

nodes:
  controller:     { type: controller, address: 192.168.122.1 }
  viz-node001:    { type: viz, address: 192.168.122.252, cpus: 8, memory: 3584M, gres: { gpu: 1 } }
  node[001-002]:  { type: compute, address: "192.168.122.[101-102]", cpus: 64, memory: 256G }

node_types:
  base:
    directories:
      /opt/apptainers: { owner: root, group: root, mode: "0755" }
      "/scratch/vnc_{sandboxes,sessions,logs}": { owner: portal, group: portal, mode: "0755" }
  viz:
    extends: base
    images:
      /opt/apptainers:            { from: apptainer/viz-node-images }
      /opt/apptainers/apps/gedit: { from: apptainer/apps/gedit/gedit.sif }
    directories:
      "/scratch/sunshine_{sandboxes,sessions,logs}": { owner: portal, group: portal, mode: "0755" }
  controller: { extends: viz }
  compute:
    extends: base
    images: { /opt/apptainers: { from: apptainer/compute-node-images, allow_empty: true } }

policy: { max_deletions: { count: 40, percent: 20 } }
)";

std::string keys(const Section& section) {
  std::vector<std::string> all;
  for (const auto& entry : section.body.entries()) all.push_back(entry.key);
  return fmt::format("{}.{} on {}: {}", section.node_type, section.name, fmt::join(section.hosts, ","),
                     fmt::join(all, " "));
}

TEST(Manifest, TheReferenceSite) {
  const ManifestFolder folder;
  folder.write("site/cluster.yaml", reference_site);
  setenv("HOME", "/home/me", 1);
  const auto loaded = load("site/cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  const auto& manifest = *loaded.manifest;
  EXPECT_EQ(manifest.path, "site/cluster.yaml");
  EXPECT_EQ(manifest.cluster, "koo");
  EXPECT_EQ(manifest.connection.user, "portal");
  EXPECT_EQ(manifest.connection.become, Become::sudo);
  EXPECT_THAT(manifest.connection.identities, ElementsAre("/home/me/.ssh/id_ed25519"));
  EXPECT_THAT(manifest.connection.known_hosts, ElementsAre(folder.path() / "site/known_hosts"));
  EXPECT_EQ(manifest.transfers.parallel, 4U);
  EXPECT_EQ(manifest.transfers.bandwidth, 800'000'000);
  EXPECT_EQ(manifest.policy.max_deletions, 40);
  EXPECT_EQ(manifest.policy.max_deletions_percent, 20);
  ASSERT_EQ(manifest.filesystems.size(), 1U);
  std::string nodes;
  for (const auto& node : manifest.nodes)
    nodes += fmt::format("{} {} {}\n", node.name, node.address, node.type);
  EXPECT_EQ(nodes,
            "controller 192.168.122.1 controller\n"
            "viz-node001 192.168.122.252 viz\n"
            "node001 192.168.122.101 compute\n"
            "node002 192.168.122.102 compute\n");
  std::string sections;
  for (const auto& section : manifest.sections) sections += keys(section) + "\n";
  constexpr std::string_view vnc = "/scratch/vnc_sandboxes /scratch/vnc_sessions /scratch/vnc_logs";
  constexpr std::string_view sunshine =
      "/scratch/sunshine_sandboxes /scratch/sunshine_sessions /scratch/sunshine_logs";
  EXPECT_EQ(sections,
            fmt::format("viz.directories on viz-node001: /opt/apptainers {0} {1}\n"
                        "viz.images on viz-node001: /opt/apptainers /opt/apptainers/apps/gedit\n"
                        "controller.directories on controller: /opt/apptainers {0} {1}\n"
                        "controller.images on controller: /opt/apptainers /opt/apptainers/apps/gedit\n"
                        "compute.directories on node001,node002: /opt/apptainers {0}\n"
                        "compute.images on node001,node002: /opt/apptainers\n",
                        vnc, sunshine));
  const auto& from =
      *find_section(manifest, "images", "controller")->body.find("/opt/apptainers")->find("from");
  EXPECT_EQ(local_path(from), folder.path() / "site/apptainer/viz-node-images");
  EXPECT_EQ(to_string(from.at()), "site/cluster.yaml:21:43");
}

TEST(Manifest, DefaultsWhereNothingIsWritten) {
  const auto loaded =
      load_text("tidelock: 1\ncluster: k\nnodes: { n: { type: t } }\nnode_types: { t: {} }\n");
  ASSERT_EQ(loaded.messages, "");
  const auto& manifest = *loaded.manifest;
  EXPECT_EQ(manifest.connection.user, std::nullopt);
  EXPECT_EQ(manifest.connection.become, Become::none);
  EXPECT_TRUE(manifest.connection.identities.empty());
  EXPECT_TRUE(manifest.connection.known_hosts.empty());
  EXPECT_EQ(manifest.transfers.parallel, 4U);
  EXPECT_EQ(manifest.transfers.bandwidth, std::nullopt);
  EXPECT_EQ(manifest.policy.max_deletions, 50);
  EXPECT_EQ(manifest.policy.max_deletions_percent, std::nullopt);
  EXPECT_TRUE(manifest.sections.empty());
}

TEST(Manifest, PolicyAndConnectionInTheirOtherForms) {
  const ManifestFolder folder;
  folder.write("cluster.yaml",
               "tidelock: 1\ncluster: k\nnodes: { n: { type: t } }\nnode_types: { t: {} }\n"
               "policy: { max_deletions: 7 }\nconnection: { identity: [a, /b], become: none }\n");
  const auto loaded = load("cluster.yaml");
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(loaded.manifest->policy.max_deletions, 7);
  EXPECT_EQ(loaded.manifest->connection.become, Become::none);
  EXPECT_THAT(loaded.manifest->connection.identities, ElementsAre(folder.path() / "a", "/b"));
}

/// Everything wrong is said in one run, each thing once, and nothing that only follows.
TEST(Manifest, AllMistakesAtOnce) {
  EXPECT_EQ(
      load_text(R"(tidelock: 1
clustr: koo
nodes:
  n[1-2]: { type: compute, memory: 256 }
  n2: { type: viz }
node_types:
  compute:
    extends: bse
    directories:
      /a: { mode: 0755, ownr: root }
      b: {}
vars: { x: "${y}" }
queues: { q: { max_wall: "${x}", hidden: no } }
)")
          .messages,
      "cluster.yaml:2:1: error: Unknown key\n"
      "  \"clustr\" is not known here; did you mean \"cluster\"?\n"
      "cluster.yaml:4:36: error: Size is not valid\n"
      "  256 has no unit (Slurm takes a bare number for megabytes, others for bytes); write 256M or 256G\n"
      "cluster.yaml:5:3: error: Node is declared twice\n"
      "  n2\n"
      "  cluster.yaml:4:3: first here\n"
      "cluster.yaml:5:15: error: Unknown node type\n"
      "  \"viz\" is not under \"node_types\"; there are: compute\n"
      "cluster.yaml:8:14: error: Unknown node type\n"
      "  \"bse\" is not under \"node_types\"; there are: compute\n"
      "cluster.yaml:10:19: error: Mode is not valid\n"
      "  the mode has to be in quotes: write \"0755\" (without them YAML takes 0755 for a number, and "
      "programs do not "
      "agree which)\n"
      "cluster.yaml:10:25: error: Unknown key\n"
      "  \"ownr\" is not known here; did you mean \"owner\"?\n"
      "cluster.yaml:11:7: error: Path is not valid\n"
      "  \"b\" is not absolute: it has to begin with /\n"
      "cluster.yaml:12:12: error: Unknown variable\n"
      "  \"y\" is not declared under \"vars\"; there are: x (write $${y} for the text ${y} itself)\n"
      "cluster.yaml:13:42: error: Truth value is not valid\n"
      "  \"no\" is not a truth value; write true or false (yes, no, on and off are texts)\n");
}

TEST(Manifest, ALargeOneLoadsQuickly) {
  std::string text = "tidelock: 1\ncluster: big\nnodes:\n";
  for (int i = 1; i <= 1000; ++i)
    text += fmt::format("  node{:04}: {{ type: compute, address: 10.0.{}.{}, cpus: 64, memory: 256G }}\n", i,
                        i / 250, i % 250 + 1);
  text += "node_types:\n  compute:\n    directories:\n";
  for (int i = 0; i < 200; ++i)
    text +=
        fmt::format("      /scratch/area{:03}/data: {{ owner: portal, group: portal, mode: \"0755\" }}\n", i);
  const auto begin = std::chrono::steady_clock::now();
  const auto loaded = load_text(text);
  const auto taken = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(loaded.messages, "");
  EXPECT_EQ(loaded.manifest->nodes.size(), 1000U);
  RecordProperty("milliseconds", static_cast<int>(taken / std::chrono::milliseconds(1)));
  EXPECT_LT(taken, std::chrono::seconds(30));  // 25 ms; sanitizers and busy machines take longer
}

}  // namespace
}  // namespace tidelock::test
