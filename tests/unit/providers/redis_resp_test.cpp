#include <gtest/gtest.h>

#include "providers/redis/resp/exchange.hpp"

namespace tidelock::redis {
namespace {

using Type = Reply::Type;

TEST(RedisReplies, AreReadInTheirOrder) {
  const auto replies =
      read_replies("+OK\r\n:-7\r\n$5\r\na\r\nb\xff\r\n$-1\r\n*2\r\n$1\r\nx\r\n*1\r\n:1\r\n-NOAUTH no\r\n");
  ASSERT_FALSE(replies.broken);
  ASSERT_EQ(replies.all.size(), 6U);
  EXPECT_EQ(replies.all[0].text, "OK");
  EXPECT_EQ(replies.all[1].number, -7);
  EXPECT_EQ(replies.all[2].text, "a\r\nb\xff");
  EXPECT_EQ(replies.all[3].type, Type::nil);
  ASSERT_EQ(replies.all[4].items.size(), 2U);
  EXPECT_EQ(replies.all[4].items[1].items[0].number, 1);
  EXPECT_EQ(replies.all[5].error_code(), "NOAUTH");
}

TEST(RedisReplies, EndWhereTheyAreCutOff) {
  const std::string whole = "+OK\r\n*2\r\n$3\r\nabc\r\n:1\r\n+END\r\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto replies = read_replies(std::string_view(whole).substr(0, size));
    EXPECT_FALSE(replies.broken);
    EXPECT_EQ(replies.all.size(), size == whole.size() ? 3U : size >= 22 ? 2U : size >= 5 ? 1U : 0U) << size;
  }
}

TEST(RedisReplies, ThatMakeNoSenseEndTheRest) {
  for (const auto* text :
       {"+OK\r\nHTTP/1.1 400\r\n", "+OK\r\n*1000000000\r\n:1\r\n", "+OK\r\n*2\r\n*300000\r\n",
        "+OK\r\n$-5\r\nx",
        "+OK\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    const auto replies = read_replies(text);
    EXPECT_TRUE(replies.broken) << text;
    EXPECT_EQ(replies.all.size(), 1U) << text;
  }
}

TEST(RedisReplies, ErrorsAreKnownByTheirFirstWordAlone) {
  EXPECT_EQ(read_replies("-ERR unknown command 'secret'\r\n").all[0].error_code(), "ERR");
  EXPECT_EQ(read_replies("-secret is wrong\r\n").all[0].error_code(), "");
}

TEST(RedisRequests, HoldAnyBytes) {
  Requests requests;
  requests.add("get", {"GET", std::string_view("a\r\n\0\xff", 5)}).add("quit", {"QUIT"});
  EXPECT_EQ(requests.bytes(),
            std::string("*2\r\n$3\r\nGET\r\n$5\r\na\r\n\0\xff\r\n*1\r\n$4\r\nQUIT\r\n", 38));
}

TEST(RedisAnswers, AreFoundByTheirLabels) {
  Requests requests;
  requests.add("a", {"GET", "a"}).add("b", {"GET", "b"}).add("quit", {"QUIT"});
  const Answers some(requests, "$1\r\nx\r\n$2\r\nxy\r\n");
  EXPECT_FALSE(some.complete());
  ASSERT_NE(some.find("b"), nullptr);
  EXPECT_EQ(some.find("b")->text, "xy");
  EXPECT_EQ(some.find("quit"), nullptr);
  EXPECT_EQ(some.find("c"), nullptr);
  EXPECT_TRUE(Answers(requests, "+1\r\n+2\r\n+3\r\n+4\r\n").complete());
}

}  // namespace
}  // namespace tidelock::redis
