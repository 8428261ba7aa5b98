#include "providers/system/unit_text.hpp"

#include <gtest/gtest.h>

#include "providers/system/authorized_keys.hpp"

namespace tidelock::system {
namespace {

Node text(std::string value) {
  return {Location{}, Node::Scalar{.text = std::move(value), .quoted = true, .secret = {}, .origin = {}}};
}

Node list(const std::vector<std::string>& words) {
  Node::Sequence items;
  for (const auto& word : words) items.push_back(text(word));
  return {Location{}, std::move(items)};
}

Node map(std::vector<std::pair<std::string, Node>> entries) {
  Node::Map all;
  for (auto& [key, value] : entries) all.push_back({key, Location{}, std::move(value)});
  return {Location{}, std::move(all)};
}

TEST(UnitText, TakesWordsOfACommandAsTheyAre) {
  EXPECT_EQ(exec_word("plain"), R"("plain")");
  EXPECT_EQ(exec_word(R"(a "b" \c)"), R"("a \"b\" \\c")");
  EXPECT_EQ(exec_word("$HOME %h"), R"("$$HOME %%h")");
  EXPECT_EQ(exec_word("two\nlines"), R"("two\nlines")");
  EXPECT_EQ(exec_word(""), R"("")");
}

TEST(UnitText, QuotesSecretsAsEnvironmentFilesReadThem) {
  EXPECT_EQ(environment_line("TOKEN", R"(a"b\c$d`e'%f)"), "TOKEN=\"a\\\"b\\\\c\\$d\\`e'%f\"\n");
}

TEST(UnitText, SaysWhatTheKeysSay) {
  const auto body = map({{"exec", list({"/bin/run", "--name=$x"})},
                         {"exec_reload", text("/bin/kill -HUP $MAINPID")},
                         {"description", text("100% ours")},
                         {"type", text("notify")},
                         {"user", text("portal")},
                         {"working_directory", text("/srv/100%")},
                         {"environment", map({{"MODE", text("a \"b\" %c")}})},
                         {"restart", text("always")},
                         {"restart_delay", text("1m30s")},
                         {"after", list({"network-online.target", "redis.service"})},
                         {"limits", map({{"memory", text("2G")}, {"open_files", text("4096")}})}});
  EXPECT_EQ(unit_text("api", body, "/etc/systemd/system/api.service.secrets"),
            R"(# Written by Tidelock from its manifest; a change by hand is undone.
[Unit]
Description=100%% ours
After=network-online.target redis.service

[Service]
Type=notify
User=portal
WorkingDirectory=/srv/100%%
Environment="MODE=a \"b\" %%c"
EnvironmentFile=/etc/systemd/system/api.service.secrets
ExecStart="/bin/run" "--name=$$x"
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=90s
MemoryMax=2147483648
LimitNOFILE=4096

[Install]
WantedBy=multi-user.target
)");
}

TEST(AuthorizedKeys, AreComparedByOptionsTypeFingerprintAndComment) {
  // ssh-keygen -l says SHA256:… of this key.
  const std::string key = "AAAAC3NzaC1lZDI1NTE5AAAAIDAxMjM0NTY3ODlhYmNkZWZnaGlqa2xtbm9wcXJzdHV2";
  EXPECT_EQ(key_in_short("ssh-ed25519 " + key + "  a b"),
            "ssh-ed25519 SHA256:xHbglOizqs9urf+RHsNREJrvibP4hT7wyker0wbHoxI a b");
  EXPECT_TRUE(key_in_short(R"(command="echo \"x y\"" ssh-ed25519 )" + key)
                  ->starts_with(R"(command="echo \"x y\"" ssh-ed25519 )"));
  EXPECT_FALSE(key_in_short("ssh-rsa " + key));  // says that it is another type
  EXPECT_FALSE(key_in_short("ssh-ed25519 not-base64"));
  EXPECT_FALSE(key_in_short("root:*:19000:0:99999:7:::"));
}

}  // namespace
}  // namespace tidelock::system
