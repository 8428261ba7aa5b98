#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/nginx/candidate.hpp"
#include "providers/nginx/configuration/edit.hpp"
#include "providers/nginx/names.hpp"
#include "providers/nginx/proof.hpp"

namespace tidelock::nginx {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* portal = "/etc/nginx/conf.d/portal.conf";

using SitePtr = std::shared_ptr<Site>;

SitePtr site_of(Files files) {
  auto site = std::make_shared<Site>();
  site->answered = site->installed = site->runs = true;
  site->files = std::move(files);
  return site;
}

SitePtr site_with(const std::string& text) {
  return site_of({{std::string(main_file), "events { }\nhttp { include conf.d/*.conf; }\n"}, {portal, text}});
}

Wish location(std::string pattern, std::vector<std::string> directives = {"return 204"}) {
  return {.kind = location_kind,
          .server = "p",
          .name = std::move(pattern),
          .directives = std::move(directives),
          .file = portal,
          .match = {},
          .before = {},
          .like = {},
          .stands_in = {}};
}

Wish upstream(std::string name) {
  auto wish = location(std::move(name), {"server 127.0.0.1:1"});
  wish.kind = upstream_kind;
  wish.file.clear();
  return wish;
}

/// The host as it is once a candidate is in place.
SitePtr applied(const Candidate& candidate) { return site_of(candidate.files()); }

/// A candidate with the tree that it refers to.
struct Trial {
  explicit Trial(const SitePtr& from) : site(from), tree(site->files, main_file), candidate(*site, tree) {}
  SitePtr site;
  Tree tree;
  Candidate candidate;
};

std::string random_server(std::mt19937& random) {
  static const std::vector<std::string> ends{"\n", "\r\n", " ", "\n\n", "\t", " # why\n", "\n\t", "\n    "};
  static const std::vector<std::string> parts{"listen 80;",
                                              "location /api/ { return 1; }",
                                              "location / { }",
                                              "include mime*;",
                                              "location ~ x { }",
                                              "set $a \"}\";",
                                              "location = /y { content_by_lua_block { x = { } } }",
                                              "server_name \"a b\";"};
  const auto end = [&] { return ends[random() % ends.size()]; };
  std::string text = end() + "server" + end() + "{" + end();
  for (auto i = random() % 6; i > 0; --i) text += parts[random() % parts.size()] + end();
  return text + "}" + (random() % 2 == 0 ? "" : end());
}

TEST(NginxCandidate, WhatComesGoesWithoutATrace) {
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    const auto site = site_with(random_server(random));
    const std::vector<Wish> wishes{upstream("u"), location("/a/"), location("= /b"), location("~ c")};
    Trial coming_trial(site);
    auto& coming = coming_trial.candidate;
    for (auto wish : wishes) {
      if (wish.kind == location_kind && random() % 2 == 0 && site->text(portal).contains("location /api/"))
        wish.before = "/api/";
      ASSERT_FALSE(coming.put(wish)) << site->text(portal);
    }
    coming.settle();
    const auto then = applied(coming);
    const Tree tree(then->files, main_file);
    ASSERT_THAT(tree.problems(), IsEmpty()) << then->text(portal);
    Trial again_trial(then);
    auto& again = again_trial.candidate;
    for (const auto& wish : wishes) ASSERT_FALSE(again.put(wish));
    again.settle();
    ASSERT_THAT(again.changes(), IsEmpty()) << then->text(portal);
    Trial going_trial(then);
    auto& going = going_trial.candidate;
    for (const auto& wish : wishes) going.remove(wish);
    going.settle();
    ASSERT_EQ(going.files(), site->files) << then->text(portal);
  }
}

TEST(NginxCandidate, OneOfSeveralGoesAlone) {
  const auto site = site_with("server { }\n");
  Trial both_trial(site);
  auto& both = both_trial.candidate;
  ASSERT_FALSE(both.put(location("/a")));
  ASSERT_FALSE(both.put(location("/b")));
  both.settle();
  Trial one_trial(site);
  auto& one = one_trial.candidate;
  ASSERT_FALSE(one.put(location("/a")));
  one.settle();
  const auto then = applied(both);
  Trial left_trial(then);
  auto& left = left_trial.candidate;
  left.remove(location("/b"));
  left.settle();
  EXPECT_EQ(left.files(), one.files());
}

TEST(NginxCandidate, TheLineMovesBeforeWhatItHasToStandBefore) {
  const auto site = site_with("server {\n    location /api/ { }\n}\n");
  Trial behind_trial(site);
  auto& behind = behind_trial.candidate;
  ASSERT_FALSE(behind.put(location("/a")));
  behind.settle();
  const auto then = applied(behind);
  EXPECT_THAT(std::string(then->text(portal)), HasSubstr("{ }\n    include"));
  Trial before_trial(then);
  auto& before = before_trial.candidate;
  auto wish = location("/a");
  wish.before = "/api/";
  ASSERT_FALSE(before.put(wish));
  before.settle();
  EXPECT_EQ(before.files().find(portal)->second,
            "server {\n    include /etc/nginx/tidelock/p.conf; # Tidelock: locations of p\n    location "
            "/api/ { }\n}\n");
}

TEST(NginxCandidate, TheLineFollowsTheServerThatIsMeant) {
  const auto site = site_with("server {\n    listen 1;\n}\nserver {\n    listen 2;\n}\n");
  auto wish = location("/a");
  EXPECT_TRUE(Trial(site).candidate.put(wish));
  wish.match.listen = "1";
  Trial first_trial(site);
  auto& first = first_trial.candidate;
  ASSERT_FALSE(first.put(wish));
  first.settle();
  const auto then = applied(first);
  wish.match.listen = "2";
  Trial second_trial(then);
  auto& second = second_trial.candidate;
  ASSERT_FALSE(second.put(wish));
  second.settle();
  EXPECT_EQ(second.files().find(portal)->second,
            "server {\n    listen 1;\n}\nserver {\n    listen 2;\n    include /etc/nginx/tidelock/p.conf; # "
            "Tidelock: locations of p\n}\n");
}

TEST(NginxCandidate, FilesComeBeforeWhatNamesThemAndGoAfter) {
  const auto site = site_with("server { }\n");
  Trial coming_trial(site);
  auto& coming = coming_trial.candidate;
  ASSERT_FALSE(coming.put(upstream("u")));
  ASSERT_FALSE(coming.put(location("/a")));
  coming.settle();
  const auto paths = [](const Candidate& candidate) {
    std::vector<std::string> all;
    for (const auto& one : candidate.changes()) all.push_back(one.path);
    return all;
  };
  const auto ours = locations_file("p");
  EXPECT_THAT(paths(coming), ElementsAre(std::string(upstreams_file), ours, portal));
  const auto then = applied(coming);
  Trial going_trial(then);
  auto& going = going_trial.candidate;
  going.remove(upstream("u"));
  going.remove(location("/a"));
  going.settle();
  EXPECT_THAT(paths(going), ElementsAre(portal, ours, std::string(upstreams_file)));
}

TEST(NginxCandidate, LoginAndHeadersAreThoseThatCount) {
  const auto shared = [](const std::string& text, Wish wish) {
    const auto site = site_with(text);
    const auto all = shared_with(Tree(site->files, main_file), *site, site->files, wish);
    return all ? fmt::format("{}", fmt::join(*all, "; ")) : all.error();
  };
  const std::string server =
      "server { proxy_set_header A 1; auth_request /x; location /api/ { auth_request /auth; } "
      "location /own/ { proxy_set_header X-User $u; satisfy any; allow 10.0.0.0/8; deny all; } "
      "location /lua/ { access_by_lua_block { } } }";
  auto wish = location("/a");
  EXPECT_EQ(shared(server, wish), "");
  wish.directives = {"proxy_set_header B 2"};
  EXPECT_EQ(shared(server, wish), "proxy_set_header A 1");
  wish.directives = {"proxy_set_header a 2"};
  EXPECT_EQ(shared(server, wish), "");
  wish.like = "/api/";
  EXPECT_EQ(shared(server, wish), "auth_request /auth");
  wish.like = "/own/";
  EXPECT_EQ(shared(server, wish), "satisfy any; allow 10.0.0.0/8; deny all; proxy_set_header X-User $u");
  wish.directives = {"proxy_set_header x-user nobody", "satisfy all"};
  EXPECT_EQ(shared(server, wish), "allow 10.0.0.0/8; deny all");
  wish.like = "/lua/";
  EXPECT_THAT(shared(server, wish), HasSubstr("lets people in by access_by_lua_block"));
  wish.like = "/none/";
  EXPECT_EQ(shared(server, wish), "its server has no location /none/ to be like");
}

TEST(NginxProof, RoutesThatMustGoOnAreThoseOfOthersThatStayTheSame) {
  const auto site = site_with(
      "server { listen 10.0.0.1:8443 ssl; server_name _ a.example; location /api/ { } location = /x { } "
      "location ~ y { } location /odd\"{ } }\nserver { listen unix:/run/x; location / { } }\n");
  Trial candidate_trial(site);
  auto& candidate = candidate_trial.candidate;
  auto wish = location("/a/");
  wish.match.server_name = "a.example";
  ASSERT_FALSE(candidate.put(wish));
  candidate.settle();
  const auto routes = routes_to_keep(Tree(site->files, main_file), Tree(candidate.files(), main_file));
  ASSERT_THAT(routes, SizeIs(2));
  EXPECT_EQ(routes[0].url, "https://a.example:8443/api/");
  EXPECT_EQ(routes[0].address, "10.0.0.1");
  EXPECT_EQ(routes[1].url, "https://a.example:8443/x");
}

}  // namespace
}  // namespace tidelock::nginx
