// Whatever an instance answers, a reading is made of it: damaged replies, wrong types, records in any order.
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "providers/context.hpp"
#include "providers/redis/inquiry.hpp"
#include "providers/redis/provider.hpp"

namespace tidelock::redis {
namespace {

using Random = std::mt19937;

std::string bulk(const std::string& text) { return fmt::format("${}\r\n{}\r\n", text.size(), text); }

std::string list(const std::vector<std::string>& parts) {
  std::string all = fmt::format("*{}\r\n", parts.size());
  for (const auto& part : parts) all += part;
  return all;
}

/// What a healthy instance says.
std::string good_reply(std::string_view label) {
  if (label == "info")
    return bulk(
        "redis_version:7.0.15\r\nconfig_file:/etc/redis/redis.conf\r\nrole:master\r\nmaxmemory:0\r\n");
  if (label == "users")
    return list(
        {bulk("user default on nopass ~* &* +@all"),
         bulk("user m on #" + std::string(64, 'a') + " ~m:* resetchannels -@all +get (~x &* +@read)")});
  if (label == "aclfile") return list({bulk("aclfile"), bulk("/etc/redis/users.acl")});
  if (label == "clients") return bulk("id=3 addr=127.0.0.1:1 name=x user=m cmd=get\n");
  if (label == "id") return ":7\r\n";
  if (label.starts_with("category:")) return list({bulk("get"), bulk("config|get"), bulk("config")});
  if (label.starts_with("config:")) return list({bulk("maxmemory"), bulk("1048576")});
  if (label.starts_with("type:")) return label.ends_with(":h") ? "+hash\r\n" : "+string\r\n";
  if (label.starts_with("ttl:") || label.starts_with("size:")) return ":5\r\n";
  if (label == "content:h") return list({bulk("0"), list({bulk("f"), bulk("v")})});
  return label.starts_with("content:") ? bulk("{\"a\": 1}") : bulk("default");
}

/// One that any of them could be replaced with.
std::string odd_reply(Random& random) {
  static const std::vector<std::string> odd{
      "$-1\r\n",
      "*-1\r\n",
      ":-9223372036854775808\r\n",
      "-ERR 'secret'\r\n",
      "-NOPERM x\r\n",
      "-\r\n",
      "+\r\n",
      "*0\r\n",
      "$0\r\n\r\n",
      "*1\r\n*1\r\n*0\r\n",
      "*2\r\n$-1\r\n:1\r\n",
      bulk(std::string(3000, '\xff')),
      bulk("user\nuser m (\nuser"),
      list({bulk("user m ("), bulk("user m on on ) ("), bulk("user"), bulk("")}),
      list({bulk("17"), list({bulk("f")})}),
      list({bulk("0"), list({":1\r\n", bulk("\xff"), bulk("x")})})};
  return odd[random() % odd.size()];
}

class RedisHostile : public ::testing::Test {
 protected:
  RedisHostile() : provider_(make_redis_provider({"/nowhere", false})) {
    add(user_kind, "m", {{"commands", std::vector<std::string>{"+get"}}, {"enabled", true}});
    add(user_kind, "default", {{"enabled", false}});
    add(config_kind, "maxmemory", {{"value", "1mb"}});
    add(config_kind, "aclfile", {{"value", "/etc/redis/users.acl"}});
    add(key_kind, "s", {{"value", "x"}, {"ttl", std::int64_t{60}}});
    add(key_kind, "j", {{"json", "{}"}});
    add(key_kind, "h", {{"hash", "{}"}});
    for (std::size_t i = 0; i < declarations_.size(); ++i)
      subjects_.push_back({.declaration = declarations_[i].get(), .memory = memory, .leaving = i % 3 == 1});
  }

  void add(std::string_view kind, const char* name, const Attributes& attributes) {
    declarations_.push_back(provider_->recall({std::string(kind), name}, attributes, {}));
  }

  /// Answers in which some replies are odd, and some bytes are others.
  std::string answer(Random& random, unsigned odd_replies, unsigned odd_bytes) {
    std::string bytes;
    const auto requests = inquiry(subjects_, {.address = "127.0.0.1:6379", .user = "", .password = {}});
    for (const auto& label : requests.labels())
      bytes += random() % 40 < odd_replies ? odd_reply(random) : good_reply(label);
    for (unsigned i = 0; i < odd_bytes; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
    return bytes;
  }

  void check(const std::vector<std::string>& records) {
    const std::vector<ProbeOutput> answers{{records, 0}};
    const auto reading = provider_->read(subjects_, answers, {});
    ASSERT_EQ(reading.findings.size(), subjects_.size());
    for (const auto& finding : reading.findings)
      if (const auto* unknown = std::get_if<Unknown>(&finding.observation)) {
        EXPECT_FALSE(unknown->reason.empty());
        EXPECT_EQ(unknown->reason.find("secret"), std::string::npos) << unknown->reason;
      }
  }

  static constexpr std::string_view memory = "{\"address\":\"127.0.0.1:6379\"}";
  std::unique_ptr<Provider> provider_;
  std::vector<DeclarationPtr> declarations_;
  std::vector<Subject> subjects_;
};

TEST_F(RedisHostile, GoodAnswersLeaveNothingUnknown) {
  Random random(1);
  const std::vector<ProbeOutput> answers{{{"redis", answer(random, 0, 0), "said", "\n0"}, 0}};
  for (const auto& finding : provider_->read(subjects_, answers, {}).findings)
    EXPECT_TRUE(std::holds_alternative<Present>(finding.observation));
}

TEST_F(RedisHostile, AnyAnswerIsRead) {
  Random random(4711);
  for (unsigned i = 0; i < 3000; ++i) {
    auto bytes = answer(random, i % 10, i % 7);
    if (i % 5 == 0) bytes.resize(random() % bytes.size());
    check({"redis", bytes, "file", "/etc/redis/redis.conf", i % 2 == 0 ? "file" : "link", "x",
           "user m on >\nuser\naclfile\nmaxmemory \"\nuser m (((\n", "said", "\n0"});
  }
}

TEST_F(RedisHostile, AnyRecordsAreRead) {
  Random random(17);
  const std::vector<std::string> words{
      "redis", "file", "said", "", "\n9", "+OK\r\n", "/etc/redis/redis.conf"};
  for (unsigned i = 0; i < 2000; ++i) {
    std::vector<std::string> records;
    for (auto left = random() % 9; left > 0; --left) records.push_back(words[random() % words.size()]);
    check(records);
  }
}

}  // namespace
}  // namespace tidelock::redis
