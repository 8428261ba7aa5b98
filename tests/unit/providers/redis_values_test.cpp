#include <gtest/gtest.h>

#include "providers/redis/config/declare.hpp"
#include "providers/redis/keys/declare.hpp"

namespace tidelock::redis {
namespace {

TEST(RedisSettings, MeanTheSameInSeveralSpellings) {
  EXPECT_TRUE(same_setting("256mb", "268435456"));
  EXPECT_TRUE(same_setting("1k", "1000"));
  EXPECT_TRUE(same_setting("1Kb", "1024"));
  EXPECT_TRUE(same_setting("AllKeys-LRU", "allkeys-lru"));
  EXPECT_TRUE(same_setting("3600 1  300 100", "3600 1 300 100"));
  EXPECT_TRUE(same_setting("", "\"\""));
  EXPECT_FALSE(same_setting("256mb", "256"));
  EXPECT_FALSE(same_setting("3600 1", "3600 1 300 100"));
  EXPECT_FALSE(same_setting("yes", "no"));
  EXPECT_FALSE(same_setting("99999999999999999999gb", "1"));
}

TEST(RedisSettings, AreFoundInAFile) {
  constexpr std::string_view text =
      "maxmemory 1mb\n MaxMemory \"2mb\"\nsave 3600 1\nsave 300 100\nmaxmemory-policy x\n";
  EXPECT_EQ(value_in_file(text, "maxmemory"), "2mb");
  EXPECT_EQ(value_in_file(text, "save"), "3600 1 300 100");
  EXPECT_EQ(value_in_file(text, "appendonly"), std::nullopt);
}

TEST(RedisSettings, ThatNeedARestartAreKnown) {
  for (const auto* name : {"databases", "port-", "unixsocket", "io-threads", "user"})
    EXPECT_EQ(is_fixed(name), name != std::string_view("port-")) << name;
  EXPECT_FALSE(is_fixed("maxmemory"));
  EXPECT_FALSE(is_fixed("aclfile"));
}

TEST(RedisKeys, JsonHasOneSpelling) {
  EXPECT_EQ(canonical_json("{ \"b\": 1, \"a\": [true, null] }"),
            canonical_json("{\"a\":[true,null],\"b\":1}"));
  EXPECT_NE(canonical_json("[1,2]"), canonical_json("[2,1]"));
  for (const auto* text : {"", "{", "{'a': 1}", "1 2", "1e999", "\"\xff\""})
    EXPECT_FALSE(canonical_json(text)) << text;
}

}  // namespace
}  // namespace tidelock::redis
