#include "providers/ssh/address.hpp"

#include <gmock/gmock.h>

#include "tests/unit/ssh/private_sshd.hpp"

namespace tidelock::ssh {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> addresses(const std::string& host) {
  const Cancellation cancel;
  std::vector<std::string> texts;
  const auto found = resolve(host, Deadline::in(10s), cancel);
  if (!found) return {one_line(found.error())};
  for (const auto& endpoint : *found) texts.push_back(to_string(endpoint));
  return texts;
}

bool is_here(const std::string& host) {
  const Cancellation cancel;
  return is_this_machine(*resolve(host, Deadline::in(10s), cancel));
}

TEST(Address, NumbersStandForThemselves) {
  EXPECT_THAT(addresses("192.0.2.7"), testing::ElementsAre("192.0.2.7"));
  EXPECT_THAT(addresses("2001:db8::1"), testing::ElementsAre("2001:db8::1"));
}

TEST(Address, NamesAreLookedUp) {
  EXPECT_THAT(addresses("localhost"), testing::Contains(testing::AnyOf("127.0.0.1", "::1")));
  EXPECT_THAT(
      addresses("no-such-host.invalid"),
      testing::ElementsAre("Name cannot be resolved: no-such-host.invalid: no name service of this machine "
                           "knows it"));
}

TEST(Address, ThisMachineIsKnownByLoopbackAndInterfaces) {
  EXPECT_TRUE(is_here("127.0.0.1"));
  EXPECT_TRUE(is_here("127.8.9.10"));
  EXPECT_TRUE(is_here("::1"));
  EXPECT_TRUE(is_here("localhost"));
  EXPECT_FALSE(is_here("192.0.2.77"));
  EXPECT_FALSE(is_here("2001:db8::1"));
}

TEST(Address, TriesOneAddressAfterTheOther) {
  const FileDescriptor listener(listen_on_loopback());
  const Cancellation cancel;
  auto both = *resolve("127.0.0.2", Deadline::in(10s), cancel);  // the listener is not there
  both.push_back(resolve("127.0.0.1", Deadline::in(10s), cancel)->front());
  const auto connected = connect_tcp(both, port_of(listener), "node001", Deadline::in(10s), cancel);
  ASSERT_TRUE(connected) << one_line(connected.error());
  EXPECT_EQ(to_string(connected->peer), "127.0.0.1");
}

TEST(Address, ASilentHostCostsTheDeadlineAndNoMore) {
  const auto listener = listen_on_loopback(0);
  const auto port = port_of(listener);
  const auto waiting = open_connection(port);  // all that fits; the kernel does not answer the next one
  const Cancellation cancel;
  const auto here = *resolve("127.0.0.1", Deadline::in(10s), cancel);
  const auto start = Clock::now();
  const auto connected = connect_tcp(here, port, "node001", Deadline::in(200ms), cancel);
  EXPECT_LT(Clock::now() - start, 2s);
  ASSERT_FALSE(connected);
  EXPECT_EQ(one_line(connected.error()), "Host did not answer: node001: Connection timed out");
}

TEST(Address, WaitingObeysCancellation) {
  const auto listener = listen_on_loopback(0);
  const auto waiting = open_connection(port_of(listener));
  Cancellation cancel;
  const auto here = *resolve("127.0.0.1", Deadline::in(10s), cancel);
  cancel.trigger();
  const auto connected = connect_tcp(here, port_of(listener), "node001", Deadline::in(10s), cancel);
  EXPECT_EQ(connected.error().summary, "Interrupted");
}

}  // namespace
}  // namespace tidelock::ssh
