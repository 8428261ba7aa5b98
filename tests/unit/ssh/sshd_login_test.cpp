#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/ssh/sshd_fixture.hpp"
#include "tests/unit/ssh/test_agent.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Sshd, TakesEveryKindOfKeyFile) {
  PrivateSshd sshd;
  const std::vector<std::filesystem::path> keys{
      sshd.authorize("ed25519"),
      sshd.authorize("ecdsa256", "ecdsa"),
      sshd.authorize("ecdsa521", "ecdsa", "", {"-b", "521"}),
      sshd.authorize("ecdsa pem", "ecdsa", "", {"-m", "PEM"}),
      sshd.authorize("ecdsa pkcs8", "ecdsa", "", {"-m", "PKCS8"}),
  };
  for (const auto& key : keys) {
    const auto session = connect(sshd.connection(key), sshd.node());
    EXPECT_EQ(greet(session), "hello\n") << key << failed(session);
  }
}

TEST_F(Sshd, SaysWhyAnRsaKeyIsNotTried) {
  PrivateSshd sshd;
  const auto key = sshd.authorize("rsa", "rsa");
  const auto session = connect(sshd.connection(key), sshd.node());
  if (session) GTEST_SKIP() << "this libssh2 signs with RSA as sshd wants it";
  EXPECT_THAT(
      failed(session),
      AllOf(StartsWith("Login was refused\nnode001 ("),
            HasSubstr("rsa: not tried: libssh2 1.10.0 knows RSA with SHA-1 only, which sshd refuses; use an "
                      "ed25519 key")));
}

TEST_F(Sshd, SaysWhatBecameOfEveryKey) {
  PrivateSshd sshd;
  auto connection = sshd.connection(make_key(sshd.folder() / "stranger", "ed25519"));
  connection.user = me_;
  connection.identities.push_back(sshd.folder() / "missing");
  connection.identities.push_back(make_key(sshd.folder() / "open", "ed25519"));
  std::filesystem::permissions(sshd.folder() / "open", static_cast<std::filesystem::perms>(0644));
  connection.identities.push_back(
      sshd.folder().write("damaged", "-----BEGIN OPENSSH PRIVATE KEY-----\nYQ==\n"));
  const auto session = connect(connection, sshd.node());
  const auto folder = sshd.folder().path().native();
  EXPECT_EQ(
      failed(session),
      fmt::format("Login was refused\n"
                  "node001 ({2}@127.0.0.1 port {1})\n"
                  "{0}/missing: No such file or directory\n"
                  "{0}/open: its mode 0644 lets others read it; ssh wants 0600\n"
                  "{0}/damaged: its file is damaged, or of a kind that SSH does not use\n"
                  "{0}/stranger: refused by the host\n"
                  "no ssh-agent: SSH_AUTH_SOCK is not set\n"
                  "> Put the public half of a key into the authorized_keys of {2} on the host, or name the "
                  "right key: connection.identity",
                  folder, sshd.port(), me_));
}

TEST_F(Sshd, StopsWhenTheHostHasHadEnough) {
  PrivateSshd sshd("MaxAuthTries 2\n");
  auto connection = sshd.connection(make_key(sshd.folder() / "a", "ed25519"));
  connection.identities.push_back(make_key(sshd.folder() / "b", "ed25519"));
  connection.identities.push_back(sshd.authorize("c"));
  const auto session = connect(connection, sshd.node());
  EXPECT_THAT(failed(session),
              AllOf(StartsWith("Login was refused"), HasSubstr("/b: the host closed the connection"),
                    HasSubstr("Too many authentication failures"), HasSubstr("MaxAuthTries")));
}

TEST_F(Sshd, AsksForAPassphraseOnceAndKeepsTheKey) {
  PrivateSshd sshd;
  const auto key = sshd.authorize("locked", "ed25519", "open sesame");
  std::vector<std::string> asked;
  prompt_ = [&](std::string_view prompt) {
    asked.emplace_back(prompt);
    return Secret(asked.size() == 1 ? "wrong" : "open sesame");
  };
  const auto session = connect(sshd.connection(key), sshd.node());
  ASSERT_EQ(greet(session), "hello\n") << failed(session);
  EXPECT_EQ(asked, (std::vector{fmt::format("Passphrase for {}: ", key.native()),
                                fmt::format("Wrong. Passphrase for {}: ", key.native())}));
  std::vector<std::jthread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      const auto another = transport_->connect(sshd.node(), Deadline::in(20s));
      if (greet(another) == "hello\n") ++good;
    });
  threads.clear();
  EXPECT_EQ(good, 8);
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(Sshd, DoesNotAskForAKeyThatTheHostWouldNotTake) {
  PrivateSshd sshd;
  prompt_ = [](std::string_view) -> std::optional<Secret> {
    ADD_FAILURE() << "asked";
    return std::nullopt;
  };
  const auto session =
      connect(sshd.connection(make_key(sshd.folder() / "locked", "ed25519", "x")), sshd.node());
  EXPECT_THAT(failed(session),
              AllOf(StartsWith("Login was refused"), HasSubstr("locked: refused by the host")));
}

TEST_F(Sshd, SaysWhatToDoWhenNobodyGivesThePassphrase) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("locked", "ed25519", "x"));
  connection.user = me_;
  const auto session = connect(connection, sshd.node());
  EXPECT_EQ(failed(session),
            fmt::format("Key needs a passphrase\n"
                        "node001 ({2}@127.0.0.1 port {1})\n"
                        "{0}/locked: nobody gave one\n"
                        "no ssh-agent: SSH_AUTH_SOCK is not set\n"
                        "> Add the key to an ssh-agent (ssh-add), or run tidelock on a terminal",
                        sshd.folder().path().native(), sshd.port(), me_));
}

TEST_F(Sshd, OpensAnOldFormatKeyWithoutPublicFile) {
  PrivateSshd sshd;
  const auto key = sshd.authorize("old", "ecdsa", "geheim", {"-m", "PEM"});
  std::filesystem::remove(key.native() + ".pub");
  prompt_ = [](std::string_view) { return Secret("geheim"); };
  const auto session = connect(sshd.connection(key), sshd.node());
  EXPECT_EQ(greet(session), "hello\n") << failed(session);
}

class SshdWithAgent : public Sshd {
 protected:
  void use_agent(const std::vector<std::filesystem::path>& keys) {
    setenv("SSH_AUTH_SOCK", agent_.socket().c_str(), 1);
    for (const auto& key : keys) agent_.add(key);
  }
  void TearDown() override { unsetenv("SSH_AUTH_SOCK"); }

  Scratch folder_;
  TestAgent agent_;
};

TEST_F(SshdWithAgent, UsesAnyKeyOfTheAgent) {
  PrivateSshd sshd;
  use_agent({make_key(folder_ / "rsa", "rsa"), make_key(folder_ / "stranger", "ed25519"),
             sshd.authorize("right", "ecdsa")});
  auto connection = sshd.connection({});
  connection.identities.clear();
  const auto session = connect(connection, sshd.node());
  EXPECT_EQ(greet(session), "hello\n") << failed(session);
}

TEST_F(SshdWithAgent, PrefersTheNamedKeyAndNeedsItsPublicHalfOnly) {
  PrivateSshd sshd("MaxAuthTries 1\n");
  const auto key = sshd.authorize("right");
  use_agent({make_key(folder_ / "stranger", "ed25519"), key});
  std::filesystem::remove(key);
  const auto session = connect(sshd.connection(key), sshd.node());
  EXPECT_EQ(greet(session), "hello\n") << failed(session);
}

TEST_F(SshdWithAgent, ReachesAnAgentThatHangsNoLongerThanTheDeadline) {
  PrivateSshd sshd;
  const auto key = sshd.authorize("right");
  use_agent({});
  agent_.signal(SIGSTOP);
  const auto start = Clock::now();
  const auto session = connect(sshd.connection(key), sshd.node(), 1s);
  EXPECT_THAT(failed(session), StartsWith("Host did not answer"));
  EXPECT_LT(Clock::now() - start, 3s);
}

}  // namespace
}  // namespace tidelock
