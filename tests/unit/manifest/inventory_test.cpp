#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

/// A manifest with these nodes, one entry a line, from line 5 on.
Loaded load_nodes(std::string_view nodes, std::string_view rest = {}) {
  return load_text(fmt::format("tidelock: 1\ncluster: k\nnode_types: {{ t: {{}}, viz: {{}} }}\nnodes:\n{}{}",
                               nodes, rest));
}

std::string messages(std::string_view nodes, std::string_view rest = {}) {
  return load_nodes(nodes, rest).messages;
}

/// "name=address" of all nodes.
std::string machines(std::string_view nodes) {
  const auto loaded = load_nodes(nodes);
  if (!loaded.manifest) return loaded.messages;
  std::string text;
  for (const auto& node : loaded.manifest->nodes)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", node.name, node.address);
  return text;
}

TEST(Nodes, HostListsAndAddressesGoInPairs) {
  EXPECT_EQ(
      machines(
          "  node[001-003]: { type: t, address: '192.168.122.[101-102,200]' }\n  login: { type: viz }\n"),
      "node001=192.168.122.101 node002=192.168.122.102 node003=192.168.122.200 login=login");
  EXPECT_EQ(machines("  a,b: { type: t, address: 'x,y' }\n"), "a=x b=y");
  EXPECT_EQ(machines("  n1: { type: t, address: 'fe80::1%eth0' }\n  n2: { type: t, address: 'FD00::[1]' }\n"),
            "n1=fe80::1%eth0 n2=FD00::1");
}

TEST(Nodes, HaveWhatIsWritten) {
  const auto loaded = load_nodes(
      "  viz-node001: { type: viz, address: 192.168.122.252, port: 2222, cpus: 8, memory: 3584M, gres: { "
      "gpu: 1, mps: 0 } }\n");
  ASSERT_EQ(loaded.messages, "");
  const auto& node = *loaded.manifest->find_node("viz-node001");
  EXPECT_EQ(node.type, "viz");
  EXPECT_EQ(node.port, 2222);
  EXPECT_EQ(node.cpus, 8);
  EXPECT_EQ(node.memory, std::int64_t{3584} << 20U);
  EXPECT_THAT(node.gres, testing::ElementsAre(testing::Pair("gpu", 1), testing::Pair("mps", 0)));
  EXPECT_EQ(to_string(node.at), "cluster.yaml:5:3");
  EXPECT_EQ(loaded.manifest->find_node("viz-node002"), nullptr);
}

TEST(Nodes, NamesAndAddressesDifferInNumber) {
  EXPECT_EQ(
      messages("  node[001-003]: { type: t, address: '10.0.0.[1-2]' }\n  a,b: { type: t, address: x }\n"),
      "cluster.yaml:5:38: error: Names and addresses differ in number\n"
      "  \"node[001-003]\" stands for 3 nodes, \"10.0.0.[1-2]\" for 2 addresses\n"
      "cluster.yaml:6:28: error: Names and addresses differ in number\n"
      "  \"a,b\" stands for 2 nodes, \"x\" for 1 address\n");
}

TEST(Nodes, AreDeclaredOnce) {
  EXPECT_EQ(messages("  node[001-004]: { type: t }\n  x,node[003-005]: { type: t }\n"),
            "cluster.yaml:6:3: error: Node is declared twice\n"
            "  node[003-004]\n"
            "  cluster.yaml:5:3: first here\n");
}

TEST(Nodes, AddressesAreUsedOnce) {
  EXPECT_EQ(messages("  a: { type: t, address: 10.0.0.1 }\n  b: { type: t, address: 10.0.0.1 }\n"
                     "  c: { type: t, address: 10.0.0.1, port: 2222 }\n  d: { type: t, address: a }\n"),
            "cluster.yaml:6:26: error: Address is used twice\n"
            "  \"b\" has the address \"10.0.0.1\", which another node has already\n"
            "  cluster.yaml:5:26: first here\n");
  EXPECT_EQ(messages("  a: { type: t }\n  b: { type: t, address: a }\n"),
            "cluster.yaml:6:26: error: Address is used twice\n"
            "  \"b\" has the address \"a\", which another node has already\n"
            "  cluster.yaml:5:3: first here\n");
}

TEST(Nodes, HostListsThatAreWrong) {
  EXPECT_EQ(
      messages("  a[1-2: { type: t }\n  b[2-1]: { type: t }\n  c[1-99999]: { type: t }\n"),
      "cluster.yaml:5:3: error: Host list is not valid\n"
      "  a[1-2: a [ without its ]; write names as slurm.conf does: node[001-128], n[1-3,7]\n"
      "cluster.yaml:6:3: error: Host list is not valid\n"
      "  b[2-1]: the range 2-1 runs backwards; write names as slurm.conf does: node[001-128], n[1-3,7]\n"
      "cluster.yaml:7:3: error: Host list is not valid\n"
      "  c[1-99999]: the range 1-99999 has more than 65536 names; write names as slurm.conf does: "
      "node[001-128], "
      "n[1-3,7]\n");
  EXPECT_EQ(messages("  a[1-40000]: { type: t }\n  b[1-40000]: { type: t }\n"),
            "cluster.yaml:6:3: error: Too many nodes\n"
            "  a cluster has at most 65536\n");
}

TEST(Nodes, NamesThatAreNoHostNames) {
  EXPECT_EQ(messages("  -oProxy: { type: t }\n  'a b': { type: t }\n  'a:b': { type: t }\n  .a: { type: t }\n"
                     "  ä: { type: t }\n  'a$(x)': { type: t }\n"),
            "cluster.yaml:5:3: error: Host name is not valid\n"
            "  \"-oProxy\": it begins with -\n"
            "cluster.yaml:6:3: error: Host name is not valid\n"
            "  \"a b\": host names have letters, digits, - and . only\n"
            "cluster.yaml:7:3: error: Host name is not valid\n"
            "  \"a:b\": host names have letters, digits, - and . only\n"
            "cluster.yaml:8:3: error: Host name is not valid\n"
            "  \".a\": it does not begin with a letter or a digit\n"
            "cluster.yaml:9:3: error: Host name is not valid\n"
            "  \"ä\": host names have letters, digits, - and . only\n"
            "cluster.yaml:10:3: error: Host name is not valid\n"
            "  \"a$(x)\": host names have letters, digits, - and . only\n");
}

TEST(Nodes, AddressesThatAreNone) {
  EXPECT_EQ(messages("  a: { type: t, address: '-oProxyCommand=x' }\n  b: { type: t, address: root@x }\n"
                     "  c: { type: t, address: 'x:22' }\n  d: { type: t, address: 'x y' }\n"
                     "  e: { type: t, address: 'fe80::g' }\n  f: { type: t, address: '' }\n"),
            "cluster.yaml:5:26: error: Name is not valid\n"
            "  \"-oProxyCommand=x\" cannot be a name: it begins with -, which programs take for an option\n"
            "cluster.yaml:6:26: error: Address is not valid\n"
            "  \"root@x\": the user to log in stands under connection: { user: … }\n"
            "cluster.yaml:7:26: error: Address is not valid\n"
            "  \"x:22\": the port has a key of its own, \"port\"\n"
            "cluster.yaml:8:26: error: Address is not valid\n"
            "  \"x y\": host names have letters, digits, - and . only\n"
            "cluster.yaml:9:26: error: Address is not valid\n"
            "  \"fe80::g\": this is no IPv6 address\n"
            "cluster.yaml:10:26: error: Name is not valid\n"
            "  \"\" cannot be a name: it is empty\n");
}

TEST(Nodes, HaveATypeThatThereIs) {
  EXPECT_EQ(messages("  a: { type: vis }\n  b: { type: t, type: viz }\n  c: {}\n  d: { type: [t] }\n"),
            "cluster.yaml:5:14: error: Unknown node type\n"
            "  \"vis\" is not under \"node_types\"; did you mean \"viz\"?\n"
            "cluster.yaml:6:17: error: Duplicate key\n"
            "  \"type\" stands twice in one map\n"
            "  cluster.yaml:6:8: first here\n"
            "cluster.yaml:7:3: error: Key is missing\n"
            "  \"c\" needs \"type\"\n"
            "cluster.yaml:8:14: error: Value has the wrong type\n"
            "  \"type\" has to be a name, not a list\n");
}

TEST(Nodes, WithoutAnyTypesThatIsSaidOnce) {
  EXPECT_EQ(
      load_text(
          "tidelock: 1\ncluster: k\nnodes: { a: { type: x }, b: { type: y } }\nnode_typs: { x: {}, y: {} }\n")
          .messages,
      "cluster.yaml:3:21: error: Unknown node type\n"
      "  \"x\" is not under \"node_types\"\n"
      "cluster.yaml:4:1: error: Unknown key\n"
      "  \"node_typs\" is not known here; did you mean \"node_types\"?\n");
}

TEST(Nodes, NumbersAreInRange) {
  EXPECT_EQ(messages("  a: { type: t, port: 0, cpus: 0, memory: 5, gres: { gpu: -1 } }\n  b: { type: t, "
                     "port: 65536 }\n"),
            "cluster.yaml:5:23: error: Number is out of range\n"
            "  \"port\" can be 1 to 65535, not 0\n"
            "cluster.yaml:5:32: error: Number is out of range\n"
            "  \"cpus\" can be 1 or more, not 0\n"
            "cluster.yaml:5:43: error: Size is not valid\n"
            "  5 has no unit (Slurm takes a bare number for megabytes, others for bytes); write 5M or 5G\n"
            "cluster.yaml:5:59: error: Number is out of range\n"
            "  \"gpu\" can be 0 or more, not -1\n"
            "cluster.yaml:6:23: error: Number is out of range\n"
            "  \"port\" can be 1 to 65535, not 65536\n");
}

constexpr std::string_view two_nodes = "  a: { type: t }\n  b: { type: t }\n";

TEST(Filesystems, SharedOnesHaveTheirWriter) {
  const auto loaded = load_nodes(
      two_nodes,
      "filesystems: { '/shared/': { scope: cluster, apply_on: a }, '/home': { scope: cluster, apply_on: b }, "
      "/scratch: { scope: node } }\n");
  ASSERT_EQ(loaded.messages, "");
  ASSERT_EQ(loaded.manifest->filesystems.size(), 2U);
  EXPECT_EQ(loaded.manifest->filesystems[0].path, "/shared");
  EXPECT_EQ(loaded.manifest->filesystems[0].apply_on, "a");
  EXPECT_EQ(to_string(loaded.manifest->filesystems[0].at), "cluster.yaml:7:16");
  EXPECT_EQ(loaded.manifest->filesystems[1].path, "/home");
}

TEST(Filesystems, WhatCanBeWrong) {
  EXPECT_EQ(messages(two_nodes, R"(filesystems:
  /a: { scope: cluster }
  /b: { scope: cluster, apply_on: c }
  /c: { scope: node, apply_on: a }
  /d: { scope: cluster, apply_on: a }
  /d/own: { scope: node }
  /dd: { scope: node }
  rel: { scope: node }
  /e: { scope: all }
  /f: {}
)"),
            "cluster.yaml:8:3: error: Key is missing\n"
            "  \"/a\" has scope: cluster, so it needs \"apply_on\": the node that writes there\n"
            "cluster.yaml:9:35: error: Unknown node\n"
            "  \"c\" is not under \"nodes\"; there are: a, b\n"
            "cluster.yaml:10:32: error: Writing node is not needed\n"
            "  with scope: node every node writes its own; remove \"apply_on\"\n"
            "cluster.yaml:12:3: error: Own path on a shared file system\n"
            "  \"/d/own\" lies on \"/d\", which all nodes share; a part of that cannot be a node's own\n"
            "  cluster.yaml:11:3: shared here\n"
            "cluster.yaml:14:3: error: Path is not valid\n"
            "  \"rel\" is not absolute: it has to begin with /\n"
            "cluster.yaml:15:16: error: Value is not possible here\n"
            "  \"all\" cannot be the value of \"scope\"; possible are: cluster, node\n"
            "cluster.yaml:16:3: error: Key is missing\n"
            "  \"/f\" needs \"scope\"\n");
}

TEST(Filesystems, ABrokenNodeListBringsNoUnknownWriters) {
  EXPECT_EQ(messages("  n[1-: { type: t }\n", "filesystems: { /a: { scope: cluster, apply_on: n1 } }\n"),
            "cluster.yaml:5:3: error: Host list is not valid\n"
            "  n[1-: a [ without its ]; write names as slurm.conf does: node[001-128], n[1-3,7]\n");
}

}  // namespace
}  // namespace tidelock::test
