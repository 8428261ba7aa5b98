// Whatever is in a file, reading it ends soon, and with a message or a manifest.
#include <ctime>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/manifest/budget.hpp"
#include "tests/unit/manifest/support.hpp"

namespace tidelock::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view head = "tidelock: 1\ncluster: k\nnodes: { n: { type: t } }\n";

constexpr auto too_large =
    "error: Manifest is too large\n"
    "  cluster.yaml: more than 400000 values after aliases, braces, variables and \"extends\" are expanded\n";

/// Of processor time, so that a busy machine fails nothing.
double seconds(auto&& work) {
  const auto begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

/// What takes longer than this has no end; sanitizers included.
constexpr double endless = 60;

TEST(Hostile, AHundredMegabytesAreNotRead) {
  const ManifestFolder folder;
  folder.write("cluster.yaml", "a:\n");
  std::filesystem::resize_file("cluster.yaml", 100'000'000);
  EXPECT_LT(seconds([] {
              EXPECT_EQ(load("cluster.yaml").messages,
                        "error: File is too large\n  cluster.yaml has 100.0 MB, more than 4.2 MB\n");
            }),
            0.5);
}

TEST(Hostile, BillionLaughs) {
  std::string text(head);
  text += "node_types: { t: {} }\nvars: &v0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("v{}: &v{} [", i, i);
    for (int n = 0; n < 9; ++n) text += fmt::format("{}*v{}", n == 0 ? "" : ", ", i - 1);
    text += "]\n";
  }
  EXPECT_LT(seconds([&] { EXPECT_THAT(load_text(text).messages, HasSubstr(too_large)); }), endless);
}

TEST(Hostile, NestingOfAnySort) {
  for (const auto* opening : {"[", "{", "- ", "? ", "[{", "{a: [", "a: {"}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += opening;
    EXPECT_LT(
        seconds([&] { EXPECT_THAT(load_text(text).messages, StartsWith("cluster.yaml:1:")) << opening; }),
        endless)
        << opening;
  }
  std::string indented;
  for (std::size_t i = 0; i < 1500; ++i) indented += std::string(i, ' ') + "a:\n";
  EXPECT_THAT(load_text(indented).messages, HasSubstr("Nesting is too deep"));
}

TEST(Hostile, BracesThatMakeMillionsOfPaths) {
  std::string key = "/";
  for (int i = 0; i < 16; ++i) key += "{a,b}";
  const auto entry =
      fmt::format("\"{}\": {{ owner: a, group: b, mode: \"0755\", ignore: [owner, group, mode] }}", key);
  const auto text = fmt::format("{}node_types: {{ t: {{ directories: {{ {} }} }} }}\n", head, entry);
  EXPECT_LT(seconds([&] { EXPECT_THAT(load_text(text).messages, HasSubstr(too_large)); }), endless);
}

TEST(Hostile, TypesThatExtendEachOtherManyTimes) {
  std::string text(head);
  text += "node_types:\n  t0:\n    directories:\n";
  for (int i = 0; i < 1000; ++i) text += fmt::format("      /d{}: {{ owner: x }}\n", i);
  for (int i = 1; i < 1000; ++i) text += fmt::format("  t{}: {{ extends: t0 }}\n", i);
  EXPECT_LT(seconds([&] { EXPECT_THAT(load_text(text).messages, HasSubstr(too_large)); }), endless);
}

TEST(Hostile, OneThingAgainAndAgain) {
  constexpr std::size_t size = 100'000;
  for (const std::string_view part :
       {"[],", "a,",  "- a\n", "- &a a\n", "- 'a'\n", "a ", "#", "\n",    " ",          "\\x41", "!",
        "&a ", "a: ", "---\n", "*a ",      "]",       ",",  ":", "? a\n", "a: |\n x\n", "\"a\","}) {
    for (const std::string_view start : {"", "[", "{", "\"", "'", "a: |\n "}) {
      std::string text(start);
      while (text.size() + part.size() < size) text += part;
      const auto taken = seconds([&] { EXPECT_NE(load_text(text).messages, "") << start << part; });
      EXPECT_LT(taken, endless) << start << part;
    }
  }
}

TEST(Hostile, WrongEverywhere) {
  std::string text(head);
  text += "node_types:\n";
  for (int i = 0; i < 2000; ++i) text += fmt::format("  t{}: {{ extends: u{}, x{}: 1 }}\n", i, i, i);
  EXPECT_LT(seconds([&] { EXPECT_THAT(load_text(text).messages, HasSubstr("Unknown node type")); }), endless);
}

constexpr std::string_view valid = R"(# a manifest with a bit of everything
tidelock: 1
cluster: koo
connection: { user: portal, become: sudo, identity: [a, ~/.ssh/id], known_hosts: known_hosts }
transfers: { parallel: 4, bandwidth: 800Mbit }
filesystems: { /shared: { scope: cluster, apply_on: controller } }
vars: { who: portal, pw: !env PW, lit: "$${x}" }
nodes:
  controller:     { type: controller, address: 192.168.122.1 }
  node[001-002]:  { type: compute, address: "192.168.122.[101-102]", cpus: 64, memory: 256G, gres: { gpu: 1 } }
node_types:
  base: &anchor
    directories:
      /opt/apptainers: { owner: root, group: root, mode: "0755" }
      "/scratch/vnc_{sandboxes,sessions,logs}": { owner: "${who}", mode: '0755', ignore: [owner] }
  controller: { extends: base, files: { /etc/x: { content: !file "x y" }, /etc/y: { source: y } } }
  compute:
    extends: [base]
    images: { /opt/apptainers: { from: apptainer, allow_empty: true } }
    directories: { /scratch/vnc_logs: ~ }
queues:
  q: { max_wall: "8:00:00", priority: 10, flags: [b, a], password: "${pw}" }
policy: { max_deletions: { count: 50, percent: 20 } }
)";

/// One small change of a text.
std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view special = "{}[]:,-?&*!|>'\"%@`#~\n\t $/.0\\\x04\xff<=";
  const auto at = random() % text.size();
  const auto length = random() % 12;
  switch (random() % 6) {
    case 0:
      text[at] = special[random() % special.size()];
      break;
    case 1:
      text.insert(at, 1, special[random() % special.size()]);
      break;
    case 2:
      text.erase(at, length);
      break;
    case 3:
      text.insert(at, text.substr(random() % text.size(), length));
      break;
    case 4:
      text[at] = static_cast<char>(random());
      break;
    default:
      text.resize(at + 1);
  }
  return text;
}

TEST(Hostile, MutationsOfAManifestLoadOrSayWhy) {
  ASSERT_EQ(load_text(valid).messages, "");
  const ManifestFolder folder;
  std::mt19937 random(20261121);
  int loaded = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string text(valid);
    for (auto changes = random() % 4 + 1; changes > 0; --changes) text = mutated(std::move(text), random);
    folder.write("cluster.yaml", text);
    const auto result = load("cluster.yaml");
    ASSERT_EQ(result.manifest.has_value(), result.messages.empty()) << text << "\n" << result.messages;
    ASSERT_EQ(result.messages.find("does not fit the schema"), std::string::npos) << text << "\n"
                                                                                  << result.messages;
    loaded += result.manifest ? 1 : 0;
  }
  EXPECT_GT(loaded, 20);
  EXPECT_LT(loaded, 1400);
}

TEST(Hostile, RandomBytesAreNoManifest) {
  const ManifestFolder folder;
  std::mt19937 random(4);
  constexpr std::string_view alphabet = "ab: \n-[]{}\"'&*!?|>#%,~0/\\<$\t";
  for (int round = 0; round < 1500; ++round) {
    std::string text;
    for (auto left = random() % 60; left > 0; --left)
      text += round % 4 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    folder.write("cluster.yaml", text);
    EXPECT_NE(load("cluster.yaml").messages, "") << text;
  }
}

}  // namespace
}  // namespace tidelock::test
