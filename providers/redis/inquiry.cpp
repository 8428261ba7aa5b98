#include "providers/redis/inquiry.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "providers/redis/acl_users/declare.hpp"
#include "providers/redis/config/aclfile.hpp"
#include "providers/redis/keys/declare.hpp"
#include "providers/redis/probe.sh.hpp"
#include "providers/redis/relay.sh.hpp"

namespace tidelock::redis {
namespace {

constexpr std::array<std::string_view, 21> categories{
    "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
    "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
    "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting"};

void ask_users(Requests& requests) {
  requests.add("whoami", {"ACL", "WHOAMI"})
      .add("aclfile", {"CONFIG", "GET", "aclfile"})
      .add("channels", {"CONFIG", "GET", "acl-pubsub-default"})
      .add("users", {"ACL", "LIST"})
      .add("id", {"CLIENT", "ID"})
      .add("clients", {"CLIENT", "LIST"});
  for (const auto category : categories)
    requests.add("category:" + std::string(category), {"ACL", "CAT", category});
}

/// A scan gives a small hash whole, and of a huge one only a part.
void ask_key(Requests& requests, const Declaration& declaration) {
  const std::string_view name = declaration.name;
  const auto label = [&](const char* what) { return std::string(what) + ':' + declaration.name; };
  requests.add(label("type"), {"TYPE", name}).add(label("ttl"), {"PTTL", name});
  if (form_of(declaration) == Form::hash)
    requests.add(label("size"), {"HLEN", name}).add(label("content"), {"HSCAN", name, "0", "COUNT", "10000"});
  else
    requests.add(label("size"), {"STRLEN", name})
        .add(label("content"), {"GETRANGE", name, "0", std::to_string(most_value)});
}

/// Moving users to another file needs all of them too.
bool concern_users(std::span<const Subject> subjects) {
  return std::ranges::any_of(subjects, [](const Subject& subject) {
    return is_kind(subject, user_kind) ||
           (is_kind(subject, config_kind) && subject.declaration->name == aclfile_setting);
  });
}

void add_directives(Script& script, std::span<const Subject> subjects) {
  for (const auto& subject : subjects)
    if (is_kind(subject, config_kind)) script.argument(subject.declaration->name);
  script.argument("--");
}

}  // namespace

std::span<const std::string_view> inquiry_categories() { return categories; }

void log_in(Requests& requests, const Connection& connection) {
  if (!connection.password) return;
  if (connection.user.empty())
    requests.add("login", {"AUTH", connection.password->reveal()});
  else
    requests.add("login", {"AUTH", connection.user, connection.password->reveal()});
}

Requests inquiry(std::span<const Subject> subjects, const Connection& connection) {
  Requests requests;
  log_in(requests, connection);
  requests.add("info", {"INFO"});
  if (concern_users(subjects)) ask_users(requests);
  for (const auto& subject : subjects)
    if (is_kind(subject, config_kind))
      requests.add("config:" + subject.declaration->name, {"CONFIG", "GET", subject.declaration->name});
  for (const auto& subject : subjects)
    if (is_kind(subject, key_kind)) ask_key(requests, *subject.declaration);
  requests.add("quit", {"QUIT"});
  return requests;
}

Script question(std::span<const Subject> subjects, const Connection& connection) {
  Script script(embedded::redis_probe_sh, "redis_ask");
  script.with(embedded::redis_relay_sh).argument(connection.address);
  if (concern_users(subjects) || any_of_kind(subjects, config_kind)) add_directives(script, subjects);
  script.input(inquiry(subjects, connection).bytes());
  return script;
}

Script files_question(std::span<const Subject> subjects, std::span<const std::string> paths) {
  Script script(embedded::redis_probe_sh, "redis_files");
  add_directives(script, subjects);
  for (const auto& path : paths) script.argument(path);
  return script;
}

bool is_kind(const Subject& subject, std::string_view kind) { return subject.declaration->kind == kind; }

bool any_of_kind(std::span<const Subject> subjects, std::string_view kind) {
  return std::ranges::any_of(subjects, [&](const Subject& subject) { return is_kind(subject, kind); });
}

}  // namespace tidelock::redis
