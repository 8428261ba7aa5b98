#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/nginx/configuration/edit.hpp"
#include "providers/nginx/configuration/statement.hpp"
#include "providers/nginx/configuration/text.hpp"
#include "tests/unit/providers/nginx_rebuilt.hpp"

namespace tidelock::nginx {
namespace {

using namespace std::string_literals;

std::string said(const std::vector<Directive>& directives) {
  std::string text;
  for (const auto& directive : directives) {
    for (const auto& word : directive.words) text += fmt::format("<{}>", word.value);
    if (directive.lua)
      text += "{lua}";
    else if (directive.body)
      text += '{' + said(directive.children) + '}';
  }
  return text;
}

std::string said(std::string bytes) {
  const auto text = parse(std::move(bytes));
  return text ? said(text->directives) : fmt::format("{}: {}", text.error().line, text.error().what);
}

TEST(NginxText, DirectivesAreReadAsNginxReadsThem) {
  EXPECT_EQ(said("user www-data;\nevents { }\n"), "<user><www-data><events>{}");
  EXPECT_EQ(said("a b;c d;"), "<a><b><c><d>");
  EXPECT_EQ(said("a\tb\r\n c\n;"), "<a><b><c>");
  EXPECT_EQ(said("a b{c d;}e;"), "<a><b>{<c><d>}<e>");
  EXPECT_EQ(said(""), "");
  EXPECT_EQ(said("# only a comment"), "");
  EXPECT_EQ(said("a # b;\n c;"), "<a><c>");
  EXPECT_EQ(said("a b#c;"), "<a><b#c>");
  EXPECT_EQ(said("a b}c;"), "<a><b}c>");
}

TEST(NginxText, QuotesAndEscapesAreThoseOfNginx) {
  EXPECT_EQ(said("a \"b c\" 'd;{}#';"), "<a><b c><d;{}#>");
  EXPECT_EQ(said(R"(a "b\"c" 'd\'e';)"), "<a><b\"c><d'e>");
  EXPECT_EQ(said(R"(a b\ c \; \t;)"), "<a><b\\ c><\\;><\t>");
  EXPECT_EQ(said(R"(location ~ \.php$ { })"), "<location><~><\\.php$>{}");
  EXPECT_EQ(said("a b\"c;"), "<a><b\"c>");
  EXPECT_EQ(said("set $a ${b}c;"), "<set><$a><${b}c>");
  EXPECT_EQ(said("a \"b\"{}"), "<a><b>{}");
  EXPECT_EQ(said("if ($a = \"b\") { }"), "<if><($a><=><b><)>{}");
  EXPECT_EQ(said("a \"\xff\xfe\" \x80;"), "<a><\xff\xfe><\x80>");
}

TEST(NginxText, WhatNginxRefusesIsRefusedWithItsLine) {
  EXPECT_EQ(said("a;\n}"), "2: a } has no {");
  EXPECT_EQ(said("a {\nb;\n"), "3: a { has no }");
  EXPECT_EQ(said("a b"), "1: the end of the file comes before a directive ends");
  EXPECT_EQ(said("a { b }"), "1: a directive ends with } instead of ;");
  EXPECT_EQ(said("\n;"), "2: a directive has no name");
  EXPECT_EQ(said("{ }"), "1: a directive has no name");
  EXPECT_EQ(said("a \"b"), "1: a quote is not closed");
  EXPECT_EQ(said("a \"b\\"), "1: a quote is not closed");
  EXPECT_EQ(said("a \"b\"c;"), "1: something follows a closing quote");
  EXPECT_EQ(said("a_by_lua_block { {"), "1: a block of Lua is not closed");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a{";
  EXPECT_EQ(said(deep), "1: blocks are nested too deeply");
}

TEST(NginxText, LuaIsNotLookedInto) {
  EXPECT_EQ(said("a_by_lua_block { x = \"}\" y = '}' } b;"), "<a_by_lua_block>{lua}<b>");
  EXPECT_EQ(said("a_by_lua_block { -- }\n } b;"), "<a_by_lua_block>{lua}<b>");
  EXPECT_EQ(said("a_by_lua_block { --[==[ }\n ]=] } ]==] } b;"), "<a_by_lua_block>{lua}<b>");
  EXPECT_EQ(said("a_by_lua_block { x = [[ } ]] t = { 1, { 2 } } } b;"), "<a_by_lua_block>{lua}<b>");
  EXPECT_EQ(said("a_by_lua_block { x = t[1] # } } b;"), "1: a } has no {");
  EXPECT_EQ(said("set_by_lua_block $r { return \"\\\"}\" } b;"), "<set_by_lua_block><$r>{lua}<b>");
}

TEST(NginxText, DirectivesThatSayTheSameAreSpeltTheSame) {
  const auto spelling = [](const std::string& bytes) { return canonical(parse(bytes)->directives.front()); };
  EXPECT_EQ(spelling("a  'b'\n\"c d\";"), "a b \"c d\"");
  EXPECT_EQ(spelling("a \"\";"), "a \"\"");
  EXPECT_EQ(spelling(R"(a 'b"c';)"), R"(a "b\"c")");
  EXPECT_EQ(spelling(R"(a b\.c;)"), R"(a "b\.c")");
  for (const auto* value :
       {"a", "", "a b", "\\", "\\n", "a\\\\\"", "${a}", "#", "}", "'", "\n", "\\\\d{2}"}) {
    const auto text = parse("x " + spelt(value) + ";");
    ASSERT_TRUE(text) << value;
    EXPECT_EQ(text->directives.front().argument(0), value);
  }
}

TEST(NginxStatement, SecretsOfOthersAreNotShown) {
  EXPECT_EQ(without_secret("proxy_set_header Authorization \"Basic eA==\""),
            "proxy_set_header Authorization (secret)");
  EXPECT_EQ(without_secret("proxy_set_header X-Api-Key abc"), "proxy_set_header X-Api-Key (secret)");
  EXPECT_EQ(without_secret("set $api_token abc"), "set $api_token (secret)");
  EXPECT_EQ(without_secret("proxy_set_header Authorization $http_authorization"),
            "proxy_set_header Authorization $http_authorization");
  EXPECT_EQ(without_secret("proxy_set_header Host $host"), "proxy_set_header Host $host");
  EXPECT_EQ(without_secret("proxy_pass http://token"), "proxy_pass http://token");
}

std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> parts{"a",
                                              "server",
                                              " ",
                                              "\n",
                                              "\r\n",
                                              "\t",
                                              ";",
                                              "; ",
                                              "{",
                                              "}",
                                              " {\n",
                                              "}\n",
                                              "# c",
                                              "\"b c\"",
                                              "'",
                                              "\"",
                                              "\\",
                                              "$",
                                              "${x}",
                                              "\xff",
                                              "é",
                                              "--",
                                              "[[",
                                              "]]",
                                              "b;",
                                              "x { y z; }\n",
                                              "content_by_lua_block { return '}' }",
                                              "include a/*.conf;",
                                              "~ \\.php$"};
  std::string text;
  const auto count = random() % 30;
  for (std::size_t i = 0; i < count; ++i) text += parts[random() % parts.size()];
  return text;
}

TEST(NginxText, EveryByteIsKept) {
  std::mt19937 random(7);
  std::size_t read = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto bytes = random_text(random);
    const auto text = parse(bytes);
    if (!text) continue;
    ++read;
    ASSERT_EQ(Rebuilder(*text).rebuild(), bytes);
  }
  EXPECT_GT(read, 10'000U);
}

TEST(NginxEdit, AnIncludeLineComesAndGoesWithoutATrace) {
  const auto with = [](const std::string& bytes, std::string_view before) {
    return with_include(bytes, bytes.find(before), "/x.conf", "ours");
  };
  const auto back = [](const std::string& bytes) {
    const auto begin = bytes.find("include /x.conf;");
    return without_include(bytes, {begin, begin + "include /x.conf;"s.size()});
  };
  const std::string usual = "server {\n\tlisten 80;\n\n\tlocation /api/ { }\n}\n";
  EXPECT_EQ(with(usual, "location"),
            "server {\n\tlisten 80;\n\n\tinclude /x.conf; # ours\n\tlocation /api/ { }\n}\n");
  EXPECT_EQ(with("server {\n    a;\n}\n", "}"), "server {\n    a;\n    include /x.conf; # ours\n}\n");
  EXPECT_EQ(with("a {\r\n  b;\r\n}\r\n", "b"), "a {\r\n  include /x.conf; # ours\r\n  b;\r\n}\r\n");
  for (const auto& text : {usual, "a{b;}"s, "a {\r\n b; c; }\r\n"s, "b;"s, "a { b; } # c"s, "a {\r\n}\n b;"s})
    for (const auto* before : {"b", "}", "location"})
      if (text.contains(before)) {
        EXPECT_EQ(back(with(text, before)), text);
        EXPECT_TRUE(parse(with(text, before))) << text;
      }
}

TEST(NginxEdit, WhatSomebodyWroteByHandGoesAloneWhereItIsNotAlone) {
  EXPECT_EQ(without_include("a; include /x.conf; b;\n", {3, 19}), "a;  b;\n");
  EXPECT_EQ(without_include("a;\n  include /x.conf;\nb;\n", {5, 21}), "a;\nb;\n");
  EXPECT_EQ(without("a;\nlocation /x { }\nb;\n", {3, 18}), "a;\nb;\n");
  EXPECT_EQ(without("a; location /x { } b;\n", {3, 18}), "a;  b;\n");
}

}  // namespace
}  // namespace tidelock::nginx
