// Rules of users against what real servers made of them: redis_acl/*.txt were written by Redis itself. A line
// `set` is what ACL SETUSER was given after a reset, `listed` what ACL LIST showed then, `refused` what it
// did not take.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "engine/base/text.hpp"
#include "providers/redis/acl/user.hpp"

namespace tidelock::redis {
namespace {

struct Sample {
  std::string set;
  std::string listed;
};

struct Samples {
  CommandTable table;
  std::vector<Sample> all;
  std::vector<std::string> refused;
};

std::string rest_of(const std::string& line) { return line.substr(line.find(' ') + 1); }

Samples read_samples(const std::string& version) {
  Samples samples;
  std::ifstream file(std::filesystem::path(TIDELOCK_SOURCE_DIR) / "tests/unit/providers/redis_acl" /
                     ("redis-" + version + ".txt"));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("category ")) {
      const auto rest = rest_of(line);
      std::vector<std::string> names;
      for (const auto word : split(rest, ' ')) names.emplace_back(word);
      const auto name = names.front();
      names.erase(names.begin());
      samples.table.add_category(name, names);
    }
    if (line.starts_with("set ")) samples.all.push_back({"user m " + rest_of(line), ""});
    if (line.starts_with("listed ")) samples.all.back().listed = rest_of(line);
    if (line.starts_with("refused ")) samples.refused.push_back("user m " + rest_of(line));
  }
  return samples;
}

AclUser only_user(const std::string& line, const CommandTable& table) {
  const auto users = parse_users({line}, table, false);
  EXPECT_TRUE(users.unreadable.empty()) << line << ": " << users.unreadable.begin()->second;
  return users.by_name.empty() ? AclUser(table) : users.by_name.begin()->second;
}

class RedisAcl : public ::testing::TestWithParam<std::string> {};

TEST_P(RedisAcl, MeansWhatTheServerMadeOfIt) {
  const auto samples = read_samples(GetParam());
  ASSERT_GE(samples.all.size(), 150U);
  // Redis 6.2 lets a new user into every channel.
  const bool open = GetParam() == "6.2";
  for (const auto& [set, listed] : samples.all) {
    auto wanted = only_user(set, samples.table);
    wanted.own.channels.all =
        wanted.own.channels.all || (open && !set.contains("channels") && !set.contains('&'));
    EXPECT_EQ(wanted, only_user(listed, samples.table)) << set << "\n" << listed;
  }
}

TEST_P(RedisAcl, TellsApartWhatTheServerTellsApart) {
  const auto samples = read_samples(GetParam());
  const auto commands = [](const std::string& listed) {
    const auto at = std::min(listed.find(" +@all"), listed.find(" -@all"));
    auto words = rule_words(std::string_view(listed).substr(at));
    std::ranges::sort(words);
    return join(words, " ");
  };
  std::vector<AclUser> users;
  std::vector<std::string> texts;
  for (const auto& sample : samples.all) {
    users.push_back(only_user(sample.listed, samples.table));
    texts.push_back(commands(sample.listed));
  }
  for (std::size_t i = 0; i < users.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_EQ(users[i].own.commands == users[k].own.commands, texts[i] == texts[k])
          << samples.all[i].listed << "\n"
          << samples.all[k].listed;
}

TEST_P(RedisAcl, RefusesWhatTheServerRefuses) {
  const auto samples = read_samples(GetParam());
  for (const auto& line : samples.refused)
    EXPECT_FALSE(parse_users({line}, samples.table, false).unreadable.empty()) << line;
}

INSTANTIATE_TEST_SUITE_P(Versions, RedisAcl, ::testing::Values("6.2", "7.0"), [](const auto& version) {
  return "Redis" + version.param.substr(0, 1) + "_" + version.param.substr(2);
});

CommandTable small_table() {
  CommandTable table;
  table.add_category("read", {"get", "keys"});
  table.add_category("dangerous", {"keys", "config|get", "config|set", "flushall"});
  table.add_category("slow", {"config", "config|get", "config|set", "keys", "flushall"});
  return table;
}

TEST(RedisRules, LaterOnesWin) {
  const auto table = small_table();
  AllowedCommands allowed(table);
  for (const auto* rule : {"+@all", "-@dangerous", "+KEYS"}) EXPECT_TRUE(allowed.apply(rule));
  EXPECT_TRUE(allowed.allows("keys"));
  EXPECT_FALSE(allowed.allows("flushall"));
  EXPECT_FALSE(allowed.allows("config|get"));
  EXPECT_TRUE(allowed.future());
  EXPECT_TRUE(allowed.apply("-@all"));
  EXPECT_EQ(allowed, AllowedCommands(table));
}

TEST(RedisRules, SayWhatIsWrong) {
  const auto table = small_table();
  AllowedCommands allowed(table);
  EXPECT_EQ(allowed.apply("+gte").error(), "this Redis knows no command gte; did you mean get?");
  EXPECT_EQ(allowed.apply("-@dangeros").error(),
            "this Redis has no category dangeros; did you mean dangerous?");
  EXPECT_FALSE(allowed.apply("get"));
  EXPECT_FALSE(allowed.apply("-get|x"));
  EXPECT_FALSE(allowed.apply("+config|nothing"));
}

TEST(RedisPatterns, HaveOneSpelling) {
  KeyPatterns one;
  KeyPatterns other;
  for (const auto* text : {"~a:*", "%R~b", "%W~b", "~~tilde"}) EXPECT_TRUE(add_key_pattern(text, one));
  for (const auto* text : {"~~tilde", "b", "a:*"}) EXPECT_TRUE(add_key_pattern(text, other));
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.written(), (std::vector<std::string>{"a:*", "b", "~~tilde"}));
  EXPECT_TRUE(one.is_plain());
  EXPECT_TRUE(add_key_pattern("%R~c", one));
  EXPECT_FALSE(one.is_plain());
  EXPECT_TRUE(add_key_pattern("*", one));
  EXPECT_EQ(one.written(), std::vector<std::string>{"*"});
  for (const auto* text : {"a b", "%X~a", "%~a", "%RR~a", "%Ra", "~a\nb"})
    EXPECT_FALSE(add_key_pattern(text, one));
}

TEST(RedisUsers, OfAFileAreReadAsTheServerReadsThem) {
  const auto table = small_table();
  const auto lines = user_lines(
      "# no user\nuser a on >secret ~a:* allchannels +get\n\n USER \"b\" off nopass (~x +@read)\nuser\n");
  ASSERT_EQ(lines.size(), 2U);
  const auto users = parse_users(lines, table, false);
  ASSERT_NE(users.find("a"), nullptr);
  EXPECT_EQ(*users.find("a"),
            only_user("user a on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b "
                      "~a:* &* -@all +get",
                      table));
  ASSERT_NE(users.find("b"), nullptr);
  EXPECT_EQ(users.find("b")->selectors.size(), 1U);
}

TEST(RedisUsers, WithOddRulesAreNotKnown) {
  const auto table = small_table();
  const auto users = parse_users({"user a on #zz", "user b (", "user c +nothing", "user d on"}, table, false);
  EXPECT_EQ(users.by_name.size(), 1U);
  EXPECT_EQ(users.unreadable.size(), 3U);
}

}  // namespace
}  // namespace tidelock::redis
