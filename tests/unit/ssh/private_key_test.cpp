#include "providers/ssh/private_key.hpp"

#include <gmock/gmock.h>

#include "providers/ssh/agent.hpp"
#include "tests/unit/ssh/keys.hpp"
#include "tests/unit/ssh/scratch.hpp"
#include "tests/unit/ssh/test_agent.hpp"

namespace tidelock::ssh {
namespace {

using namespace std::chrono_literals;

/// What a client signs to log in (RFC 4252, section 7).
std::string login_request(std::string_view algorithm, const PublicKey& key) {
  return wire_string("session") + "\x32" + wire_string("portal") + wire_string("ssh-connection") +
         wire_string("publickey") + "\x01" + wire_string(algorithm) + wire_string(key.blob);
}

TEST(PrivateKey, SignsAsAnAgentDoes) {
  const Scratch folder;
  const TestAgent agent_process;
  const Cancellation cancel;
  // These two make the same signature each time; how ECDSA signs, sshd judges in the login tests.
  for (const auto& [type, algorithm] : {std::pair("ed25519", "ssh-ed25519"), std::pair("rsa", "rsa-sha2-256"),
                                        std::pair("rsa", "rsa-sha2-512")}) {
    const auto file = folder / algorithm;
    make_key(file, type);
    agent_process.add(file);
    const auto key = PrivateKey::parse(content_of(file));
    ASSERT_TRUE(key) << one_line(key.error());
    EXPECT_EQ(key->public_half(), parsed(public_half(file)));
    const auto request = login_request(algorithm, key->public_half());
    auto agent = Agent::connect(agent_process.socket(), cancel);
    ASSERT_TRUE(agent);
    const auto theirs = agent->sign(key->public_half(), request, Deadline::in(10s));
    ASSERT_TRUE(theirs) << one_line(theirs.error());
    EXPECT_EQ(key->sign(request), *theirs) << algorithm;
  }
}

TEST(PrivateKey, NamesTheAlgorithmOfARequest) {
  EXPECT_EQ(signature_algorithm(login_request("rsa-sha2-512", parsed(key_rsa))), "rsa-sha2-512");
  EXPECT_EQ(signature_algorithm("short"), "");
}

TEST(PrivateKey, RefusesEveryDamage) {
  const Scratch folder;
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    const auto text = content_of(make_key(folder / type, type));
    ASSERT_TRUE(PrivateKey::parse(text));
    for (std::size_t cut = 36; cut + 36 < text.size(); cut += 41) {
      auto shorter = text;
      shorter.erase(cut, 8);
      std::ignore = PrivateKey::parse(shorter);  // whatever it says, it ends well
    }
  }
  EXPECT_FALSE(PrivateKey::parse(""));
  EXPECT_FALSE(PrivateKey::parse("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"));
  EXPECT_FALSE(
      PrivateKey::parse("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"));
}

TEST(Agent, SaysWhatIsWrong) {
  const Scratch folder;
  const Cancellation cancel;
  const auto nobody = Agent::connect(folder / "none", cancel);
  EXPECT_EQ(one_line(nobody.error()),
            "Cannot reach socket: " + (folder / "none").native() + ": No such file or directory");
  const TestAgent process;
  auto agent = Agent::connect(process.socket(), cancel);
  ASSERT_TRUE(agent);
  EXPECT_THAT(agent->keys(Deadline::in(10s)).value(), testing::IsEmpty());
  EXPECT_EQ(one_line(agent->sign(parsed(key_a), "x", Deadline::in(10s)).error()),
            "Cannot use the ssh-agent: " + process.socket().native() + ": it refused to sign");
  process.signal(SIGSTOP);
  EXPECT_EQ(one_line(agent->keys(Deadline::in(100ms)).error()),
            "Cannot use the ssh-agent: " + process.socket().native() + ": it does not answer");
}

}  // namespace
}  // namespace tidelock::ssh
