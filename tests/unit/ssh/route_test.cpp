#include "providers/ssh/route.hpp"

#include <gmock/gmock.h>

#include "tests/unit/ssh/scratch.hpp"

namespace tidelock::ssh {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class RouterTest : public testing::Test {
 protected:
  Result<Route> route(const ClusterNode& node, const Connection& connection = {}) {
    const auto file =
        folder_.write("config",
                      "Host node001\n  HostName 10.9.9.9\n  Port 2022\n  User bob\n"
                      "  IdentityFile /keys/bob\n  UserKnownHostsFile /kh\n  HostKeyAlias alias\n");
    Router router(connection, {"alice", "/home/alice", std::nullopt}, file);
    return router.route(node, Deadline::in(10s), cancel_);
  }
  static ClusterNode node(const std::string& name, const std::string& address) {
    ClusterNode node;
    node.name = name;
    node.address = address;
    return node;
  }

  Scratch folder_;
  Cancellation cancel_;
};

TEST_F(RouterTest, TheConfigurationFillsInWhatTheManifestLeavesOut) {
  const auto found = route(node("node001", "10.0.0.1"));
  ASSERT_TRUE(found);
  EXPECT_EQ(described(*found), "node001 (bob@10.0.0.1 port 2022)");
  EXPECT_THAT(found->identities, ElementsAre("/keys/bob"));
  EXPECT_EQ(found->known_hosts.front(), "/kh");
  EXPECT_EQ(found->host_key_alias, "alias");
  EXPECT_FALSE(found->identities_declared);
}

TEST_F(RouterTest, TheManifestWins) {
  Connection connection;
  connection.user = "portal";
  connection.identities = {"/keys/portal"};
  connection.known_hosts = {"/site/kh"};
  auto host = node("node001", "10.0.0.1");
  host.port = 22;
  const auto found = route(host, connection);
  ASSERT_TRUE(found);
  EXPECT_EQ(described(*found), "node001 (portal@10.0.0.1)");
  EXPECT_THAT(found->identities, ElementsAre("/keys/portal"));
  EXPECT_THAT(found->known_hosts, ElementsAre("/site/kh"));
  EXPECT_TRUE(found->identities_declared);
}

TEST_F(RouterTest, AnAddressThatIsTheNameLeavesItToTheConfiguration) {
  EXPECT_EQ(route(node("node001", "node001"))->host, "10.9.9.9");
  EXPECT_EQ(route(node("node002", "node002"))->host, "node002");
}

TEST_F(RouterTest, RefusesWordsThatProgramsWouldMisread) {
  for (const auto& bad :
       {node("-oProxyCommand=x", "10.0.0.1"), node("node001", "-V"), node("node001", "a\nb")})
    EXPECT_EQ(route(bad).error().summary, "Host cannot be reached by this name");
  Connection connection;
  connection.user = "a\nHostName b";
  EXPECT_EQ(one_line(route(node("node001", "10.0.0.1"), connection).error()),
            "Host cannot be reached by this name: its user is \"a\\nHostName b\"");
}

}  // namespace
}  // namespace tidelock::ssh
