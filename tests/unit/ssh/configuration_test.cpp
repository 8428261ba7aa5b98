#include "providers/ssh/configuration.hpp"

#include <gmock/gmock.h>

#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const LocalUser alice{"alice", "/home/alice", "/run/agent"};
const ConfigurationQuery node001{"node001", std::nullopt, std::nullopt};

std::string problem(const Result<HostConfiguration>& read) {
  return read ? "(none)" : read.error().summary + "\n" + read.error().detail + "\n> " + read.error().advice;
}

// What OpenSSH 9.2 prints, as far as it counts here, and some of what does not.
constexpr std::string_view printed =
    "host node001\n"
    "user DOM\\bob x\n"
    "hostname node001.example.org\n"
    "port 2022\n"
    "addressfamily any\n"
    "identitiesonly yes\n"
    "proxyusefdpass no\n"
    "hostkeyalias ali\n"
    "identityagent SSH_AUTH_SOCK\n"
    "identityfile ~/my keys/id %d %r\n"
    "identityfile ~/.ssh/%h-%p-%k-%n-%%\n"
    "identityfile /keys/%C\n"
    "globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2\n"
    "userknownhostsfile /a b/c /root/.ssh/kh ~/x %d/y\n";

TEST(Configuration, ReadsWhatSshPrints) {
  const auto read = parse_configuration(printed, node001, alice);
  ASSERT_TRUE(read) << problem(read);
  EXPECT_EQ(read->host_name, "node001.example.org");
  EXPECT_EQ(read->user, "DOM\\bob x");
  EXPECT_EQ(read->port, 2022);
  EXPECT_TRUE(read->identities_only);
  EXPECT_EQ(read->host_key_alias, "ali");
  EXPECT_EQ(read->agent, "/run/agent");
  EXPECT_THAT(read->identities,
              ElementsAre("/home/alice/my keys/id /home/alice DOM\\bob x",
                          "/home/alice/.ssh/node001.example.org-2022-ali-node001-%", "/keys/%C"));
  EXPECT_THAT(read->known_hosts, ElementsAre("/a b/c", "/root/.ssh/kh", "/home/alice/x", "/home/alice/y",
                                             "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"));
}

Result<HostConfiguration> with(std::string_view line) {
  return parse_configuration("hostname h\nuser u\nport 22\n" + std::string(line) + "\n", node001, alice);
}

TEST(Configuration, UnderstandsWhereTheAgentIs) {
  setenv("TIDELOCK_TEST_AGENT", "/run/other", 1);
  EXPECT_EQ(with("")->agent, "/run/agent");
  EXPECT_EQ(with("identityagent none")->agent, std::nullopt);
  EXPECT_EQ(with("identityagent ~/agent-%r")->agent, "/home/alice/agent-u");
  EXPECT_EQ(with("identityagent $TIDELOCK_TEST_AGENT")->agent, "/run/other");
  EXPECT_EQ(with("identityagent ${TIDELOCK_TEST_AGENT}/x")->agent, "/run/other/x");
  EXPECT_EQ(with("identityagent $TIDELOCK_TEST_NOTHING")->agent, std::nullopt);
}

TEST(Configuration, NoneIsNoFile) {
  EXPECT_THAT(with("identityfile none")->identities, IsEmpty());
  EXPECT_THAT(with("userknownhostsfile none")->known_hosts, IsEmpty());
}

TEST(Configuration, RefusesJumpHosts) {
  EXPECT_EQ(
      problem(with("proxyjump bastion.example")),
      "Host is behind a jump host\n"
      "ssh's configuration reaches node001 through bastion.example\n"
      "> Reaching hosts through a jump host is not there yet; run tidelock on a machine that reaches them "
      "directly");
  EXPECT_THAT(problem(with("proxycommand nc %h %p")), testing::HasSubstr("through \"nc %h %p\""));
  EXPECT_TRUE(with("proxyjump none"));
}

TEST(Configuration, RefusesRevocationsThatItWouldMiss) {
  EXPECT_EQ(problem(with("revokedhostkeys /etc/ssh/krl")),
            "Cannot use ssh's configuration\n"
            "RevokedHostKeys /etc/ssh/krl is not understood\n"
            "> Write revoked host keys with @revoked into a known_hosts file");
}

TEST(Configuration, AsksSsh) {
  const Scratch folder;
  const auto file = folder.write("config",
                                 "Host node*\n  HostName %h.example\n  IdentityFile \"~/odd key\"\n"
                                 "Match user bob\n  Port 2200\n");
  const Cancellation cancel;
  const auto plain = ask_ssh(node001, alice, file, Deadline::in(10s), cancel);
  ASSERT_TRUE(plain) << problem(plain);
  EXPECT_EQ(plain->host_name, "node001.example");
  EXPECT_EQ(plain->port, 22);
  EXPECT_THAT(plain->identities, ElementsAre("/home/alice/odd key"));
  const auto bob = ask_ssh({"node001", "bob", std::nullopt}, alice, file, Deadline::in(10s), cancel);
  EXPECT_EQ(bob->port, 2200);
  EXPECT_EQ(bob->user, "bob");
  const auto port = ask_ssh({"node001", "bob", 2222}, alice, file, Deadline::in(10s), cancel);
  EXPECT_EQ(port->port, 2222);
}

TEST(Configuration, TellsWhatSshSaysAgainstIt) {
  const Scratch folder;
  const auto file = folder.write("config", "Hots node001\n");
  const Cancellation cancel;
  EXPECT_EQ(problem(ask_ssh(node001, alice, file, Deadline::in(10s), cancel)),
            "Cannot use ssh's configuration\n"
            "$ ssh -G node001      exit 255\n| " +
                file.native() + ": line 1: Bad configuration option: hots\n| " + file.native() +
                ": terminating, 1 bad configuration options\n> ");
}

TEST(Configuration, DebiansDefaultsDoNotMatter) {
  EXPECT_FALSE(
      matters("# Host x\n\nInclude /etc/ssh/ssh_config.d/*.conf\n\nHost *\n    SendEnv LANG LC_*\n"
              "    HashKnownHosts yes\n    GSSAPIAuthentication yes\n"));
  EXPECT_TRUE(matters("Host *\n  user portal\n"));
  EXPECT_TRUE(matters("Host node*\n"));
  EXPECT_TRUE(matters("MATCH all\n"));
  EXPECT_TRUE(matters("\tProxyJump=bastion\n"));
  EXPECT_TRUE(matters("Include /etc/site/*\n"));
}

TEST(Configuration, IsAskedForOnlyWhereThereIsOne) {
  const Scratch home;
  const Scratch system;
  const LocalUser user{"alice", home.path(), std::nullopt};
  EXPECT_FALSE(is_configured(user, system.path()));
  system.write("ssh_config", "Host *\n  HashKnownHosts yes\n");
  system.write("ssh_config.d/quiet.conf", "LogLevel ERROR\n");
  EXPECT_FALSE(is_configured(user, system.path()));
  system.write("ssh_config.d/site.conf", "Host x\n");
  EXPECT_TRUE(is_configured(user, system.path()));
  std::filesystem::remove(system / "ssh_config.d/site.conf");
  home.write(".ssh/config", "");
  EXPECT_TRUE(is_configured(user, system.path()));
}

TEST(Configuration, DefaultsAreThoseOfSsh) {
  const Scratch folder;
  const Cancellation cancel;
  const auto defaults = default_configuration(node001, alice);
  const auto asked = ask_ssh(node001, alice, folder.write("config", ""), Deadline::in(10s), cancel);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->host_name, defaults.host_name);
  EXPECT_EQ(asked->port, defaults.port);
  EXPECT_EQ(asked->agent, defaults.agent);
  EXPECT_EQ(asked->known_hosts.size(), defaults.known_hosts.size());
  for (const auto& file : defaults.identities) EXPECT_THAT(asked->identities, testing::Contains(file));
}

}  // namespace
}  // namespace tidelock::ssh
