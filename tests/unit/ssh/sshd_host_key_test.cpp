#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/unit/ssh/sshd_fixture.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Sshd, RefusesAnUnknownHostKey) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.user = me_;
  connection.known_hosts = {sshd.folder().write("empty", "# nothing\n")};
  const auto session = connect(connection, sshd.node());
  const auto fingerprint = run({"ssh-keygen", "-lf", sshd.host_key("ed25519")});
  const auto sha = fingerprint.substr(fingerprint.find("SHA256:"), 50);
  EXPECT_EQ(
      failed(session),
      fmt::format(
          "Host key is unknown\n"
          "node001 ({3}@127.0.0.1 port {0}) showed ssh-ed25519 {1}\n"
          "no such key is pinned for [127.0.0.1]:{0} or [node001]:{0}\n"
          "> Compare the fingerprint with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints "
          "on the host; if they are equal: ssh-keyscan -t ed25519 -p {0} 127.0.0.1 >> {2}/empty",
          sshd.port(), sha, sshd.folder().path().native(), me_));
}

TEST_F(Sshd, RefusesAChangedHostKey) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  const auto other = make_key(sshd.folder() / "other", "ed25519");
  connection.known_hosts = {
      sshd.folder().write("kh", "\n" + sshd.address() + " " + public_half(other) + "\n")};
  const auto session = connect(connection, sshd.node());
  EXPECT_THAT(failed(session),
              AllOf(StartsWith("Host key has changed\n"), HasSubstr("/kh:2\n"), HasSubstr("pinned: ")));
  EXPECT_THAT(sshd.log(), testing::Not(HasSubstr("Accepted publickey")));
}

TEST_F(Sshd, RefusesARevokedHostKeyThatIsPinnedToo) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  const auto line = sshd.address() + " " + public_half(sshd.host_key("ed25519")) + "\n";
  connection.known_hosts = {
      sshd.folder().write("kh", line + "@revoked * " + line.substr(line.find(' ') + 1))};
  const auto session = connect(connection, sshd.node());
  EXPECT_THAT(failed(session),
              AllOf(StartsWith("Host key is revoked\n"), HasSubstr("revoked at "), HasSubstr("/kh:2\n")));
}

TEST_F(Sshd, AcceptsHashedAndEcdsaPins) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  run({"ssh-keygen", "-q", "-H", "-f", connection.known_hosts.front()});
  ASSERT_THAT(content_of(connection.known_hosts.front()), StartsWith("|1|"));
  EXPECT_EQ(greet(connect(connection, sshd.node())), "hello\n");
  connection.known_hosts = {sshd.folder().write(
      "ecdsa", fmt::format("[node001]:{} {}\n", sshd.port(), public_half(sshd.host_key("ecdsa"))))};
  EXPECT_EQ(greet(connect(connection, sshd.node())), "hello\n");
}

TEST_F(Sshd, SaysWhyAnRsaPinIsNotEnough) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.known_hosts = {
      sshd.folder().write("rsa", sshd.address() + " " + public_half(sshd.host_key("rsa")) + "\n")};
  const auto session = connect(connection, sshd.node());
  if (session) GTEST_SKIP() << "this libssh2 checks RSA host keys";
  EXPECT_THAT(failed(session),
              AllOf(StartsWith("Host key is unknown\n"), HasSubstr("only an RSA key is pinned for it"),
                    HasSubstr("/rsa:1, which libssh2 1.10.0 cannot check")));
}

TEST_F(Sshd, SaysSoWhenTheHostHasNoKeyThatWeKnow) {
  Scratch keys;
  make_key(keys / "host_rsa", "rsa");
  PrivateSshd sshd("HostKey " + (keys / "host_rsa").native() + "\n");
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  if (!failed(session).starts_with("Host has")) GTEST_SKIP() << "this libssh2 knows rsa-sha2 host keys";
  EXPECT_THAT(failed(session), HasSubstr("ssh-keygen -A"));
}

}  // namespace
}  // namespace tidelock
