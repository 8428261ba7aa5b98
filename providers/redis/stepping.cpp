#include "providers/redis/stepping.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "providers/redis/acl_users/wanted.hpp"
#include "providers/redis/change.sh.hpp"
#include "providers/redis/config/aclfile.hpp"
#include "providers/redis/connection.hpp"
#include "providers/redis/inquiry.hpp"
#include "providers/redis/keys/declare.hpp"
#include "providers/redis/relay.sh.hpp"

namespace tidelock::redis {
namespace {

using Words = std::vector<std::string>;

/// All requests of a step, in their order, and the files that they make redis write anew.
class Batch {
 public:
  explicit Batch(const Found& found) : found_(found) { log_in(requests_, *found.connection); }

  void add(const Change& change) {
    const auto& kind = change.declaration->kind;
    if (kind == user_kind) add_user(change);
    if (kind == config_kind) add_setting(change);
    if (kind == key_kind) add_key(change);
  }

  /// What is saved comes behind all that is changed.
  Script script() && {
    if (saves_users_ && found_.users_file) request({"ACL", "SAVE"});
    const bool users_there = saves_users_ && !found_.users_file;
    const bool rewrites = found_.configuration && (saves_settings_ || users_there);
    if (rewrites) request({"CONFIG", "REWRITE"});
    request({"QUIT"});
    Script script(embedded::redis_change_sh, "redis_change");
    script.with(embedded::redis_relay_sh);
    script.argument(found_.connection->address).argument(fmt::to_string(requests_.labels().size()));
    if (saves_users_ && found_.users_file) add_file(script, *found_.users_file);
    if (rewrites) add_file(script, *found_.configuration);
    script.input(requests_.bytes());
    return script;
  }

 private:
  void request(const Words& words) { requests_.add("", words); }

  static void add_file(Script& script, const SavedFile& file) {
    script.argument(file.path).argument(file.digest);
  }

  /// The order of the names is that of the attributes; SETUSER takes all of them or none.
  void add_user(const Change& change) {
    const auto& declaration = *change.declaration;
    saves_users_ = true;
    if (change.action == Action::remove) return request({"ACL", "DELUSER", declaration.name});
    Words words{"ACL", "SETUSER", declaration.name};
    if (change.action == Action::create) words.insert(words.end(), {"reset", "resetchannels"});
    auto rules = words_for(declaration.attributes, change.changed);
    if (change.action == Action::create) std::erase(rules, "clearselectors");  // Redis 6.2 does not know it
    words.insert(words.end(), rules.begin(), rules.end());
    constexpr std::size_t nothing_but_name = 3;
    if (words.size() > nothing_but_name) request(words);
  }

  void add_setting(const Change& change) {
    const auto& attributes = change.declaration->attributes;
    saves_settings_ = true;
    if (holds(change.changed, std::string("value")))
      request({"CONFIG", "SET", change.declaration->name, std::string(attributes.text("value"))});
  }

  void add_key(const Change& change) {
    const auto& declaration = *change.declaration;
    if (change.action == Action::remove) return request({"DEL", declaration.name});
    const auto form = form_of(declaration);
    const auto content = std::string(declaration.attributes.text(attribute_of(form)));
    const auto* ttl = declaration.attributes.find("ttl");
    const auto* seconds = ttl == nullptr ? nullptr : std::get_if<std::int64_t>(ttl);
    const auto lifetime = seconds == nullptr ? std::string() : fmt::to_string(*seconds);
    if (form == Form::hash) return add_hash(declaration.name, content, lifetime);
    Words words{"SET", declaration.name, content};
    if (!lifetime.empty()) words.insert(words.end(), {"EX", lifetime});
    request(words);
  }

  /// All fields or none: another client sees the old hash or the new one.
  void add_hash(const std::string& name, const std::string& content, const std::string& lifetime) {
    const auto fields = nlohmann::json::parse(content, nullptr, false);
    if (!fields.is_object()) return;
    Words words{"HSET", name};
    for (const auto& [field, value] : fields.items())
      if (value.is_string()) words.insert(words.end(), {field, value.get<std::string>()});
    request({"MULTI"});
    request({"DEL", name});
    request(words);
    if (!lifetime.empty()) request({"EXPIRE", name, lifetime});
    request({"EXEC"});
  }

  const Found& found_;
  Requests requests_;
  bool saves_users_ = false;
  bool saves_settings_ = false;
};

bool is_move(const Declaration& declaration) {
  return declaration.kind == config_kind && declaration.name == aclfile_setting;
}

}  // namespace

std::vector<Step> steps_for(std::span<const Change* const> changes) {
  const Found* found = nullptr;
  for (const auto* change : changes)
    if (const auto* one = dynamic_cast<const Found*>(change->payload.get())) found = one;
  if (found == nullptr) return {};
  std::vector<Step> steps;
  Batch batch(*found);
  std::vector<std::size_t> serves;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (is_move(*changes[i]->declaration)) {
      steps.push_back(move_step(*changes[i], i, *found));
      continue;
    }
    serves.push_back(i);
    batch.add(*changes[i]);
  }
  if (serves.empty()) return steps;
  constexpr std::chrono::seconds limit{60};
  steps.push_back(
      {.serves = std::move(serves),
       .what = fmt::format("change redis ({})", count_of(changes.size() - steps.size(), "change")),
       .limit = limit,
       .action = ScriptStep{std::move(batch).script()},
       .judged_by_sight = true});
  return steps;
}

}  // namespace tidelock::redis
