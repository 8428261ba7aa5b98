#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/nginx/configuration/route.hpp"

namespace tidelock::nginx {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* main_file = "/etc/nginx/nginx.conf";

/// What answers a request in a server that holds this; "?" before it when a regular expression is unclear.
std::string answers(const std::string& locations, std::string_view uri) {
  const Files files{{main_file, "http { server { " + locations + " } }"}};
  const Tree tree(files, main_file);
  EXPECT_THAT(tree.problems(), IsEmpty());
  const auto all = locations_of(*servers_of(tree).front());
  const auto best = winner(all, uri);
  return (best.unclear != nullptr ? "? " : "") +
         (best.location == nullptr ? "none" : to_string(best.location->pattern));
}

TEST(NginxRoute, LocationsAreChosenByTheRulesOfNginx) {
  const std::string some = "location /api/ {} location /api/vnc/ {} location / {} location = /api/ {}";
  EXPECT_EQ(answers(some, "/api/vnc/x"), "/api/vnc/");
  EXPECT_EQ(answers(some, "/api/vnc"), "/api/");
  EXPECT_EQ(answers(some, "/api/"), "= /api/");
  EXPECT_EQ(answers(some, "/x"), "/");
  EXPECT_EQ(answers("location /a {}", "/b"), "none");
  EXPECT_EQ(answers("location /a/ {} location ~ \\.js$ {}", "/a/x.js"), "~ \\.js$");
  EXPECT_EQ(answers("location ^~ /a/ {} location ~ \\.js$ {}", "/a/x.js"), "^~ /a/");
  EXPECT_EQ(answers("location ^~ /a/ {} location /a/b/ {} location ~ \\.js$ {}", "/a/b/x.js"), "~ \\.js$");
  EXPECT_EQ(answers("location ~ js {} location ~* \\.JS$ {}", "/x.js"), "~ js");
  EXPECT_EQ(answers("location ~ JS {} location ~* \\.JS$ {}", "/x.js"), "~* \\.JS$");
  EXPECT_EQ(answers("location ~*\\.JS$ {}", "/x.js"), "~* \\.JS$");
  EXPECT_EQ(answers("location @x {}", "@x"), "none");
}

TEST(NginxRoute, NestedLocationsCount) {
  const std::string some = "location /a/ { location /a/b/ {} location ~ \\.js$ {} } location ~ y {}";
  EXPECT_EQ(answers(some, "/a/b/"), "/a/b/");
  EXPECT_EQ(answers(some, "/a/b/y"), "~ y");
  EXPECT_EQ(answers(some, "/a/y.js"), "~ \\.js$");
  EXPECT_EQ(answers("location ^~ /a/ { location /a/b/ {} } location ~ y {}", "/a/b/y"), "/a/b/");
  EXPECT_EQ(answers("location ~ ^/a { location /a/b {} }", "/a/b"), "/a/b");
}

TEST(NginxRoute, WhatCannotBeToldIsSaid) {
  EXPECT_EQ(answers("location / {} location ~ \"(\" {}", "/x"), "? /");
  EXPECT_EQ(answers("location / {} location ~ \"^(a+)+$\" {}", "/x"), "/");
  EXPECT_EQ(answers("location / {} location ~ \"(x+x+)+[yz]$\" {}", "/" + std::string(60, 'x')), "? /");
}

TEST(NginxRoute, PatternsAreReadAndShown) {
  for (const auto* text : {"/", "= /", "^~ /a", "~ \\.php$", "~* x", "@named"}) {
    const auto parsed = parse("location " + std::string(text) + " { }");
    EXPECT_EQ(to_string(*pattern_of(parsed->directives.front())), text);
  }
  EXPECT_FALSE(pattern_of(std::vector<std::string>{"!", "/x"}));
  EXPECT_EQ(samples_of({Match::prefix, "/a/"}).front(), "/a/");
  EXPECT_THAT(samples_of({Match::exact, "/a"}), ElementsAre("/a"));
  EXPECT_THAT(samples_of({Match::regex, "a"}), IsEmpty());
}

TEST(NginxTree, IncludesStandWhereTheyAreWritten) {
  const Files files{{main_file, "http { include conf.d/*.conf; include /etc/nginx/last; }"},
                    {"/etc/nginx/conf.d/b.conf", "server { server_name b; }"},
                    {"/etc/nginx/conf.d/a.conf", "server { server_name a; }"},
                    {"/etc/nginx/conf.d/.hidden.conf", "server { server_name hidden; }"},
                    {"/etc/nginx/conf.d/sub/c.conf", "server { server_name c; }"},
                    {"/etc/nginx/last", "upstream u { server x; } server { server_name z; }"}};
  const Tree tree(files, main_file);
  EXPECT_THAT(tree.problems(), IsEmpty());
  std::string names;
  for (const auto* server : servers_of(tree)) names += server->children.front().directive->argument(0);
  EXPECT_EQ(names, "abz");
  EXPECT_EQ(upstreams_of(tree, "u").front()->place(), "/etc/nginx/last:1");
  EXPECT_TRUE(tree.includes("/etc/nginx/conf.d/a.conf"));
  EXPECT_FALSE(tree.includes("/etc/nginx/conf.d/sub/c.conf"));
}

TEST(NginxTree, WhatIsMissingOrOddIsNamed) {
  const auto problems = [](const std::string& text) {
    const Files files{{main_file, text}, {"/etc/nginx/broken", "a {\n"}};
    return Tree(files, main_file).problems();
  };
  EXPECT_THAT(problems("include gone;"), ElementsAre("/etc/nginx/gone is missing"));
  EXPECT_THAT(problems("include gone*;"), IsEmpty());
  EXPECT_THAT(problems("include broken;"), ElementsAre("/etc/nginx/broken:2: a { has no }"));
  EXPECT_THAT(problems("include nginx.conf;"),
              ElementsAre("/etc/nginx/nginx.conf:1: files include each other too deeply"));
  EXPECT_FALSE(problems("include nginx.conf; include nginx.conf;").empty());
}

}  // namespace
}  // namespace tidelock::nginx
