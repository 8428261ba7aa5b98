#include <csignal>
#include <cstdlib>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "providers/ssh/askpass.hpp"
#include "providers/ssh/transport.hpp"
#include "tests/unit/ssh/private_sshd.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// ssh-add starts this very program to be told a passphrase.
[[maybe_unused]] const bool is_askpass = [] {
  if (std::getenv(askpass_variable) != nullptr) std::_Exit(askpass_main());
  return false;
}();

/// Tests against a real sshd. Without one they are skipped, and say so.
class Sshd : public testing::Test {
 protected:
  void SetUp() override {
    if (!PrivateSshd::is_installed()) GTEST_SKIP() << "there is no /usr/sbin/sshd here";
    unsetenv("SSH_AUTH_SOCK");
  }

  Result<std::unique_ptr<Session>> connect(const Connection& connection, const ClusterNode& node,
                                           Clock::duration limit = 20s) {
    SshOptions options;
    options.prompt = prompt_;
    options.program = std::filesystem::read_symlink("/proc/self/exe");
    options.configuration = "/dev/null";
    transport_ = make_ssh_transport(connection, std::move(options), cancel_);
    return transport_->connect(node, Deadline::in(limit));
  }

  SshLibrary library_;
  Cancellation cancel_;
  std::function<std::optional<Secret>(std::string_view)> prompt_;
  std::unique_ptr<Transport> transport_;
};

/// Calls a function, and ends the shell, which otherwise waits for more on its stdin.
ShellProgram program(ShellText functions, ShellText function) {
  ShellProgram made("5a17");
  made.define(functions).converse(function).define("tl_exit() { exit 0; }").call("tl_exit");
  return made;
}

/// All of a program's stdout.
Result<std::string> read_all(Exchange& exchange, Clock::duration limit = 20s) {
  std::string all;
  for (;;) {
    auto bytes = exchange.read(Deadline::in(limit));
    if (!bytes) return bytes;
    if (bytes->empty()) return all;
    all += *bytes;
  }
}

Result<std::string> say(Session& session, ShellText functions, ShellText function) {
  auto exchange = session.start(program(functions, function), Deadline::in(20s));
  if (!exchange) return std::unexpected(exchange.error());
  return read_all(**exchange);
}

Result<std::string> greet(const Result<std::unique_ptr<Session>>& session) {
  if (!session) return std::unexpected(session.error());
  return say(**session, "tl_hello() { echo hello; }", "tl_hello");
}

std::string failed(const auto& result) {
  return result ? "(it worked)"
                : result.error().summary + "\n" + result.error().detail + "\n> " + result.error().advice;
}

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
            HasSubstr("rsa: not tried: libssh2 1.10.0 signs with RSA keys in the old way (SHA-1) only, which "
                      "sshd refuses; use an ed25519 key")));
}

TEST_F(Sshd, SaysWhatBecameOfEveryKey) {
  PrivateSshd sshd;
  auto connection = sshd.connection(make_key(sshd.folder() / "stranger", "ed25519"));
  connection.user = "root";
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
                  "node001 (root@127.0.0.1 port {1})\n"
                  "{0}/missing: {0}/missing: No such file or directory\n"
                  "{0}/open: its mode 0644 lets others read it; ssh wants 0600\n"
                  "{0}/damaged: its file is damaged\n"
                  "{0}/stranger: refused by the host\n"
                  "no ssh-agent: SSH_AUTH_SOCK is not set\n"
                  "> Put the public half of a key into the authorized_keys of root on the host, or name the "
                  "right key: connection.identity",
                  folder, sshd.port()));
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
  connection.user = "root";
  const auto session = connect(connection, sshd.node());
  EXPECT_EQ(failed(session),
            fmt::format("Key needs a passphrase\n"
                        "node001 (root@127.0.0.1 port {1})\n"
                        "{0}/locked: {0}/locked: nobody gave one\n"
                        "no ssh-agent: SSH_AUTH_SOCK is not set\n"
                        "> Add the key to an ssh-agent (ssh-add), or run tidelock on a terminal",
                        sshd.folder().path().native(), sshd.port()));
}

TEST_F(Sshd, OpensAnOldFormatKeyWithoutPublicFile) {
  PrivateSshd sshd;
  const auto key = sshd.authorize("old", "ecdsa", "geheim", {"-m", "PEM"});
  std::filesystem::remove(key.native() + ".pub");
  prompt_ = [](std::string_view) { return Secret("geheim"); };
  const auto session = connect(sshd.connection(key), sshd.node());
  EXPECT_EQ(greet(session), "hello\n") << failed(session);
}

/// An agent of the test's own.
class SshdWithAgent : public Sshd {
 protected:
  void use_agent(const std::vector<std::filesystem::path>& keys) {
    const auto socket = folder_ / "agent";
    const std::vector<std::string> command{"ssh-agent", "-D", "-a", socket};
    agent_.emplace(std::move(*ChildProcess::start(command)));
    for (int i = 0; i < 300 && !std::filesystem::exists(socket); ++i) std::this_thread::sleep_for(10ms);
    setenv("SSH_AUTH_SOCK", socket.c_str(), 1);
    for (const auto& key : keys) run({"ssh-add", "-q", key});
  }
  void TearDown() override { unsetenv("SSH_AUTH_SOCK"); }

  Scratch folder_;
  std::optional<ChildProcess> agent_;
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
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (content_of(entry.path() / "comm") == "ssh-agent\n" &&
        content_of(entry.path() / "cmdline").contains(folder_.path().native()))
      kill(std::stoi(entry.path().filename()), SIGSTOP);
  const auto start = Clock::now();
  const auto session = connect(sshd.connection(key), sshd.node(), 1s);
  EXPECT_THAT(failed(session), StartsWith("Host did not answer"));
  EXPECT_LT(Clock::now() - start, 3s);
}

TEST_F(Sshd, RefusesAnUnknownHostKey) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.user = "root";
  connection.known_hosts = {sshd.folder().write("empty", "# nothing\n")};
  const auto session = connect(connection, sshd.node());
  const auto fingerprint = run({"ssh-keygen", "-lf", sshd.host_key("ed25519")});
  const auto sha = fingerprint.substr(fingerprint.find("SHA256:"), 50);
  EXPECT_EQ(
      failed(session),
      fmt::format(
          "Host key is unknown\n"
          "node001 (root@127.0.0.1 port {0}) showed ssh-ed25519 {1}\n"
          "no such key is pinned for [127.0.0.1]:{0} or [node001]:{0}\n"
          "> Compare the fingerprint with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints "
          "on the host; if they are equal: ssh-keyscan -t ed25519 -p {0} 127.0.0.1 >> {2}/empty",
          sshd.port(), sha, sshd.folder().path().native()));
}

TEST_F(Sshd, RefusesAChangedHostKey) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  const auto other = make_key(sshd.folder() / "other", "ed25519");
  connection.known_hosts = {
      sshd.folder().write("kh", "\n" + sshd.address() + " " + public_line(other) + "\n")};
  const auto session = connect(connection, sshd.node());
  EXPECT_THAT(failed(session),
              AllOf(StartsWith("Host key has changed\n"), HasSubstr("/kh:2\n"), HasSubstr("pinned: ")));
  EXPECT_THAT(sshd.log(), testing::Not(HasSubstr("Accepted publickey")));
}

TEST_F(Sshd, RefusesARevokedHostKeyThatIsPinnedToo) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  const auto line = sshd.address() + " " + public_line(sshd.host_key("ed25519")) + "\n";
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
      "ecdsa", fmt::format("[node001]:{} {}\n", sshd.port(), public_line(sshd.host_key("ecdsa"))))};
  EXPECT_EQ(greet(connect(connection, sshd.node())), "hello\n");
}

TEST_F(Sshd, SaysWhyAnRsaPinIsNotEnough) {
  PrivateSshd sshd;
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.known_hosts = {
      sshd.folder().write("rsa", sshd.address() + " " + public_line(sshd.host_key("rsa")) + "\n")};
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

TEST_F(Sshd, ConversesWithAProgram) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  auto exchange = (*session)->start(
      program("tl_echo() { echo ready; while read -r line; do echo \"<$line>\"; done; echo bye >&2; }",
              "tl_echo"),
      Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  EXPECT_EQ((*exchange)->read(Deadline::in(20s)), "ready\n");
  for (const auto* line : {"one", "two $(x)"}) {
    ASSERT_TRUE((*exchange)->write(std::string(line) + "\n", Deadline::in(20s)));
    EXPECT_EQ((*exchange)->read(Deadline::in(20s)), fmt::format("<{}>\n", line));
  }
}

TEST_F(Sshd, RunsOneProgramAfterTheOther) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(greet(session), "hello\n");
  // One that is left alone while it still talks does not get into the way either.
  for (int i = 0; i < 5; ++i) {
    const auto endless = (*session)->start(program("tl_yes() { yes; }", "tl_yes"), Deadline::in(20s));
    ASSERT_TRUE(endless) << failed(endless);
    ASSERT_TRUE((*endless)->read(Deadline::in(20s)));
  }
  EXPECT_EQ(greet(session), "hello\n");
}

TEST_F(Sshd, DrainsBothOutputsAtOnce) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  auto exchange = (*session)->start(program("tl_chat() { head -c 10000000 /dev/zero >&2; head -c 10000000 "
                                            "/dev/zero; head -c 10000000 /dev/zero >&2; "
                                            "echo last words >&2; }",
                                            "tl_chat"),
                                    Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  const auto all = read_all(**exchange);
  ASSERT_TRUE(all) << failed(all);
  EXPECT_EQ(all->size(), 10'000'000U);
  EXPECT_EQ((*exchange)->errors().size(), 16U * 1024);
  EXPECT_TRUE((*exchange)->errors().ends_with("last words\n"));
}

TEST_F(Sshd, SendsALongProgramToAHostThatTalksMeanwhile) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  auto exchange = (*session)->start(program("tl_cat() { echo ready; cat; }", "tl_cat"), Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  ASSERT_EQ((*exchange)->read(Deadline::in(20s)), "ready\n");  // a shell reads ahead until it has its program
  const std::string bytes(10'000'000, 'x');
  ASSERT_TRUE((*exchange)->write(bytes, Deadline::in(20s)));
  std::size_t back = 0;
  while (back < bytes.size()) {
    const auto some = (*exchange)->read(Deadline::in(20s));
    ASSERT_TRUE(some) << failed(some);
    back += some->size();
  }
  EXPECT_EQ(back, bytes.size());
}

TEST_F(Sshd, NoticesThatTheServerDied) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  auto exchange =
      (*session)->start(program("tl_wait() { echo here; sleep 20; }", "tl_wait"), Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  ASSERT_EQ((*exchange)->read(Deadline::in(20s)), "here\n");
  // The session's own processes leave the group of sshd: whoever holds the connection is found by its name.
  run({"sh", "-c",
       fmt::format(
           "kill -9 $(pgrep -f 'sshd: .*@notty' -P $(pgrep -P $(cat {0}/pid)) ; pgrep -P $(cat {0}/pid))",
           sshd.folder().path().native())});
  const auto end = (*exchange)->read(Deadline::in(20s));
  EXPECT_THAT(failed(end), StartsWith("Connection was lost\nnode001 ("));
  const auto next = (*session)->start(program("tl_x() { :; }", "tl_x"), Deadline::in(20s));
  EXPECT_THAT(failed(next), StartsWith("Connection was lost\n"));
}

TEST_F(Sshd, HonoursTheDeadlineWithAFrozenServer) {
  PrivateSshd sshd;
  sshd.signal(SIGSTOP);
  const auto start = Clock::now();
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node(), 500ms);
  EXPECT_LT(Clock::now() - start, 2s);
  EXPECT_THAT(failed(session), AllOf(StartsWith("Host did not answer\n"), HasSubstr("sent no SSH greeting")));
}

TEST_F(Sshd, HonoursTheDeadlineOfAProgram) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  auto exchange = (*session)->start(program("tl_wait() { sleep 20; }", "tl_wait"), Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  const auto start = Clock::now();
  const auto late = (*exchange)->read(Deadline::in(300ms));
  EXPECT_LT(Clock::now() - start, 2s);
  EXPECT_THAT(failed(late), StartsWith("Program did not answer in time\n"));
}

TEST_F(Sshd, ObeysCancellation) {
  PrivateSshd sshd;
  const auto session = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(session) << failed(session);
  auto exchange = (*session)->start(program("tl_wait() { sleep 20; }", "tl_wait"), Deadline::in(20s));
  ASSERT_TRUE(exchange) << failed(exchange);
  const std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    cancel_.trigger();
  });
  EXPECT_THAT(failed((*exchange)->read(Deadline::in(20s))), StartsWith("Interrupted\n"));
  EXPECT_THAT(failed(transport_->connect(sshd.node(), Deadline::in(20s))), StartsWith("Interrupted\n"));
}

TEST_F(Sshd, SaysThatNothingListens) {
  PrivateSshd sshd;
  auto node = sshd.node();
  node.port = free_port();
  auto connection = sshd.connection(sshd.authorize("key"));
  connection.user = "root";
  EXPECT_EQ(failed(connect(connection, node)),
            fmt::format("Host refused the connection\n"
                        "node001 (root@127.0.0.1 port {}): nothing listens there\n"
                        "> Start sshd on the host, or set the node's port in the manifest",
                        *node.port));
}

TEST_F(Sshd, SaysThatTheHostClosedTheConnection) {
  PrivateSshd sshd("MaxStartups 1:100:1\n");
  const auto connection = sshd.connection(sshd.authorize("key"));
  const auto busy = open_connection(sshd.port());
  std::this_thread::sleep_for(200ms);
  const auto session = connect(connection, sshd.node());
  EXPECT_THAT(failed(session), AllOf(StartsWith("Host closed the connection\n"), HasSubstr("MaxStartups")));
}

TEST_F(Sshd, ConnectsFromManyThreads) {
  PrivateSshd sshd("MaxStartups 100\n");
  const auto first = connect(sshd.connection(sshd.authorize("key")), sshd.node());
  ASSERT_TRUE(first) << failed(first);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 32; ++i)
      threads.emplace_back([&] {
        if (greet(transport_->connect(sshd.node(), Deadline::in(20s))) == "hello\n") ++good;
      });
  }
  EXPECT_EQ(good, 32);
}

}  // namespace
}  // namespace tidelock
