#include "providers/ssh/known_hosts.hpp"

#include <array>

#include <gmock/gmock.h>

#include "tests/unit/ssh/keys.hpp"
#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

KnownHosts read(std::string_view text) {
  KnownHosts hosts;
  hosts.add(text, "kh");
  return hosts;
}

HostNames named(const std::string& name, std::uint16_t port = 22) {
  return host_names(std::array{name}, port);
}

/// The verdict in a word, and the places it names.
std::string verdict(const KnownHosts& hosts, const HostNames& names, const std::string& key) {
  const auto said = hosts.check(names, parsed(key));
  if (const auto* found = std::get_if<Matched>(&said)) return "matched " + to_string(found->by.at);
  if (const auto* found = std::get_if<Revoked>(&said)) return "revoked " + to_string(found->by.at);
  std::string text;
  if (const auto* found = std::get_if<Mismatch>(&said)) {
    text = "mismatch";
    for (const auto& pinned : found->pinned) text += " " + to_string(pinned.at);
  }
  if (const auto* found = std::get_if<Unknown>(&said)) {
    text = "unknown";
    for (const auto& pinned : found->other_types) text += " " + pinned.key.type + " " + to_string(pinned.at);
    for (const auto& at : found->authorities) text += " authority " + to_string(at);
  }
  return text;
}

TEST(KnownHosts, MatchesPlainNamesAndLists) {
  const auto hosts =
      read("# a comment\n\n  node001,10.0.0.1 " + key_a + " comment here\r\nNode002\t" + key_b);
  EXPECT_EQ(verdict(hosts, named("node001"), key_a), "matched kh:3");
  EXPECT_EQ(verdict(hosts, named("10.0.0.1"), key_a), "matched kh:3");
  EXPECT_EQ(verdict(hosts, named("NODE002"), key_b), "matched kh:4");
  EXPECT_EQ(verdict(hosts, named("node00"), key_a), "unknown");
  EXPECT_THAT(hosts.warnings(), IsEmpty());
}

TEST(KnownHosts, AnyOfSeveralNamesWillDo) {
  const auto hosts = read("node001 " + key_a + "\n10.0.0.1 " + key_b + "\n");
  const auto names = host_names(std::array<std::string, 2>{"10.0.0.1", "node001"}, 22);
  EXPECT_EQ(verdict(hosts, names, key_a), "matched kh:1");
  EXPECT_EQ(verdict(hosts, names, key_b), "matched kh:2");
}

// Made with `ssh-keygen -H` from viz-node001,192.168.122.252 and [node002]:2222 and Node003.
const std::string hashed = "|1|CFLdI8w+mCIusiekzW9FNJCPt+Y=|wLw/Dax2wpQgGa0QW5xdpIagv+g= " + key_a +
                           "\n|1|2jGEqUTIebOJkhm5iGeeU4Bt1K8=|KMnSm0OSyQjFWdYHAgGeATfrNlU= " + key_a +
                           "\n|1|7ltHN/Kkpm1m85AcZ280J8njh/k=|73AGFDEFP3+27bifIrjeMsHDwbk= " + key_a +
                           "\n|1|ezkle7VDV8udoVRWLP8bLeXCrD0=|DYHa8KZZn+VpN1e3otpGOqaLi4o= " + key_a + "\n";

TEST(KnownHosts, MatchesHashedNames) {
  const auto hosts = read(hashed);
  EXPECT_THAT(hosts.warnings(), IsEmpty());
  EXPECT_EQ(verdict(hosts, named("viz-node001"), key_a), "matched kh:1");
  EXPECT_EQ(verdict(hosts, named("192.168.122.252"), key_a), "matched kh:2");
  EXPECT_EQ(verdict(hosts, named("node002", 2222), key_a), "matched kh:3");
  EXPECT_EQ(verdict(hosts, named("node003"), key_a), "matched kh:4");
  EXPECT_EQ(verdict(hosts, named("node002"), key_a), "unknown");
  EXPECT_EQ(verdict(hosts, named("viz-node001"), key_b), "mismatch kh:1");
}

TEST(KnownHosts, DamagedHashesAreLeftOut) {
  const auto hosts = read("|1|CFLdI8w+mCIusiekzW9FNJCPt+Y= " + key_a + "\n|2|eA==|eA== " + key_a +
                          "\n|1|eA==|eA== " + key_a + "\n");
  EXPECT_THAT(hosts.warnings(),
              ElementsAre("kh:1: its hashed host name is damaged", "kh:2: its hashed host name is damaged",
                          "kh:3: its hashed host name is damaged"));
}

TEST(KnownHosts, WildcardsAndNegation) {
  const auto hosts = read("node*,!node00?,10.0.?.* " + key_a + "\n!other " + key_a + "\n");
  EXPECT_EQ(verdict(hosts, named("node100"), key_a), "matched kh:1");
  EXPECT_EQ(verdict(hosts, named("node001"), key_a), "unknown");
  EXPECT_EQ(verdict(hosts, named("10.0.1.200"), key_a), "matched kh:1");
  EXPECT_EQ(verdict(hosts, named("10.0.12.1"), key_a), "unknown");
  EXPECT_EQ(verdict(hosts, named("another"), key_a), "unknown");
}

TEST(KnownHosts, APortIsPartOfTheName) {
  const auto hosts = read("[node001]:2222 " + key_a + "\nnode002 " + key_b + "\n[*.site]:* " + key_a + "\n");
  EXPECT_EQ(verdict(hosts, named("node001", 2222), key_a), "matched kh:1");
  EXPECT_EQ(verdict(hosts, named("node001", 2223), key_a), "unknown");
  EXPECT_EQ(verdict(hosts, named("node001"), key_a), "unknown");
  EXPECT_EQ(verdict(hosts, named("a.site", 9), key_a), "matched kh:3");
}

TEST(KnownHosts, ANameWithoutPortServesToAcceptOnly) {
  const auto hosts = read("node001 " + key_a + "\n");
  EXPECT_EQ(verdict(hosts, named("node001", 2222), key_a), "matched kh:1");
  EXPECT_EQ(verdict(hosts, named("node001", 2222), key_b), "unknown");
}

TEST(KnownHosts, AnAliasIsTheOnlyName) {
  const auto hosts = read("node001 " + key_a + "\nalias " + key_b + "\n");
  const auto names = host_names(std::array<std::string, 1>{"node001"}, 2222, "Alias");
  EXPECT_EQ(verdict(hosts, names, key_a), "mismatch kh:2");
  EXPECT_EQ(verdict(hosts, names, key_b), "matched kh:2");
}

TEST(KnownHosts, ARevokedKeyIsRefusedWhateverElseMatches) {
  for (const auto* revocation : {"@revoked * ", "@revoked node001 ", "@revoked [node001]:2222,x "}) {
    const auto hosts = read("[node001]:2222 " + key_a + "\n" + revocation + key_a + "\n");
    EXPECT_EQ(verdict(hosts, named("node001", 2222), key_a), "revoked kh:2") << revocation;
    EXPECT_EQ(verdict(hosts, named("node001", 2222), key_b), "mismatch kh:1") << revocation;
  }
  const auto elsewhere = read("node001 " + key_a + "\n@revoked node002 " + key_a + "\n");
  EXPECT_EQ(verdict(elsewhere, named("node001"), key_a), "matched kh:1");
}

TEST(KnownHosts, AuthoritiesAreMentionedAndNotUsed) {
  const auto hosts = read("@cert-authority *.site " + key_a + "\n");
  EXPECT_EQ(verdict(hosts, named("node001.site"), key_a), "unknown authority kh:1");
  EXPECT_THAT(hosts.types(named("node001.site")), IsEmpty());
}

TEST(KnownHosts, KeysOfOtherTypesAreNoMismatch) {
  const auto hosts = read("node001 " + key_rsa + "\nnode001 " + key_ecdsa + "\nnode001 " + key_rsa + "\n");
  EXPECT_EQ(verdict(hosts, named("node001"), key_a),
            "unknown ssh-rsa kh:1 ecdsa-sha2-nistp256 kh:2 ssh-rsa kh:3");
  EXPECT_THAT(hosts.types(named("node001")), ElementsAre("ssh-rsa", "ecdsa-sha2-nistp256"));
}

TEST(KnownHosts, NamesEveryPinnedKeyOfAMismatch) {
  const auto hosts = read("node001 " + key_b + "\nnode* " + key_b + "\n");
  EXPECT_EQ(verdict(hosts, named("node001"), key_a), "mismatch kh:1 kh:2");
}

TEST(KnownHosts, JunkLinesDoNotLoseTheOthers) {
  const auto hosts = read(
      "node001\n"
      "node001 ssh-ed25519\n"
      "node001 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMAEuTAMvAW8XmJ6DIv7\n"
      "node001 ssh-rsa " +
      key_a.substr(key_a.find(' ') + 1) +
      "\n"
      "node001 ssh-ed25519 !!!!\n"
      "node001 1024 35 1234567890\n"
      "@unusual node001 " +
      key_a +
      "\n"
      "@revoked\n" +
      std::string("\0\x1b[31m \n", 8) +
      "node001 sk-ssh-ed25519@openssh.com AAAA\n"
      "node001 " +
      key_a + "\n");
  EXPECT_EQ(verdict(hosts, named("node001"), key_a), "matched kh:11");
  EXPECT_THAT(
      hosts.warnings(),
      ElementsAre("kh:1: it has no key", "kh:2: it has no key", "kh:3: its key is damaged",
                  "kh:4: its key is of another type than it says", "kh:5: its key is damaged",
                  "kh:6: a key of SSH protocol 1 is of no use", "kh:7: the marker @unusual is unknown",
                  "kh:8: it has no key", "kh:9: it has no key", "kh:10: its key is damaged"));
}

TEST(KnownHosts, LineNumbersAreThoseOfEachFile) {
  KnownHosts hosts;
  hosts.add("node001 " + key_a, "first");
  hosts.add("\nnode002 " + key_a + "\n", "second");
  EXPECT_EQ(verdict(hosts, named("node002"), key_a), "matched second:2");
}

/// ssh-keygen knows which lines are for a host.
TEST(KnownHosts, AgreesWithSshKeygen) {
  const Scratch folder;
  const std::vector<std::string> patterns{"node001",
                                          "node*",
                                          "*1",
                                          "n?de001",
                                          "node00?",
                                          "node0?",
                                          "!node001",
                                          "*,!node001",
                                          "!node*,*",
                                          "a,node001,b",
                                          "[node001]:22",
                                          "[node001]:*",
                                          "[node001]:22?2",
                                          "*:2222",
                                          "NODE001",
                                          "node001,",
                                          ",",
                                          "*",
                                          "**",
                                          "[node001]:2222"};
  for (const auto& pattern : patterns)
    for (const std::uint16_t port : {std::uint16_t{22}, std::uint16_t{2222}}) {
      const auto line = pattern + " " + key_a + "\n";
      const auto file = folder.write("kh", line);
      const auto names = named("node001", port);
      const Cancellation cancel;
      const std::vector<std::string> command{"ssh-keygen", "-F", names.exact.front(), "-f", file};
      const auto said = run_process(command, {}, Deadline::in(std::chrono::seconds(10)), cancel);
      ASSERT_TRUE(said);
      const HostNames exact{names.exact, {}};
      EXPECT_EQ(verdict(read(line), exact, key_a), said->status == 0 ? "matched kh:1" : "unknown")
          << pattern << " for " << names.exact.front();
    }
}

}  // namespace
}  // namespace tidelock::ssh
