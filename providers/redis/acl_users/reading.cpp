#include "providers/redis/acl_users/reading.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/redis/acl_users/clients.hpp"
#include "providers/redis/acl_users/declare.hpp"
#include "providers/redis/acl_users/wanted.hpp"
#include "providers/redis/config/aclfile.hpp"
#include "providers/redis/inquiry.hpp"
#include "providers/redis/saving.hpp"

namespace tidelock::redis {
namespace {

using Words = std::vector<std::string>;

Value password_of(const AclUser& user) {
  if (user.needs_no_password) return std::string(no_password);
  if (user.password_digests.empty()) return std::monostate();
  return Hidden{join(Words(user.password_digests.begin(), user.password_digests.end()), " ")};
}

/// What redis makes of a user that no file mentions, and that everybody is.
constexpr const char* open_default = "user default on nopass ~* &* +@all";

bool is_open(const AclUser& user) { return user.enabled && user.needs_no_password; }

}  // namespace

UserReader::UserReader(std::span<const Subject> subjects, const Instance& instance,
                       std::shared_ptr<const Found> found)
    : subjects_(subjects), instance_(instance), found_(std::move(found)) {
  const bool by_default = instance.setting("channels").value_or("") == "allchannels";
  if (const auto* reply = instance.reply("users"); reply != nullptr && reply->is_list())
    live_ = parse_users(reply->texts(), instance.commands(), by_default);
  if (const auto* file = instance.file(instance.users_path()))
    saved_ = parse_users(user_lines(file->text), instance.commands(), by_default);
}

std::optional<std::string> UserReader::unanswered(const Subject& subject) const {
  if (!instance_.fault().empty()) return instance_.fault();
  std::string reason;
  for (const auto* label : {"users", "aclfile", "whoami"})
    if (instance_.good_reply(label, reason) == nullptr) return reason;
  if (!instance_.reply("users")->is_list() || instance_.commands().empty())
    return "redis does not say which users and commands it has";
  const auto odd = live_.unreadable.find(subject.declaration->name);
  if (odd != live_.unreadable.end())
    return fmt::format("the rules of this user are not known: {}", odd->second);
  return std::nullopt;
}

Finding UserReader::finding(const Subject& subject) const {
  Finding finding;
  if (auto reason = unanswered(subject)) {
    finding.observation = Unknown{*std::move(reason)};
    return finding;
  }
  const auto& declaration = *subject.declaration;
  const auto* live = live_.find(declaration.name);
  finding.fingerprint = fingerprint(declaration.name);
  finding.payload = found_;
  finding.before_images = images_of(instance_, instance_.users_path());
  if (auto text = obstacle(subject, live); !text.empty()) finding.obstacle = Obstacle{std::move(text), {}};
  auto memory = memory_for(instance_);
  memory.commands = list_of(declaration.attributes, "commands");
  finding.memory = to_memory(memory);
  if (subject.leaving) return leaving(subject, std::move(finding));
  if (live == nullptr) {
    finding.observation = Absent{};
    return finding;
  }
  finding.observation = Present{attributes(subject, *live)};
  describe_closing(finding, subject, *live);
  return finding;
}

/// Also when only the file still has it: then it would be back after a restart.
Finding UserReader::leaving(const Subject& subject, Finding finding) const {
  const auto& name = subject.declaration->name;
  const auto* live = live_.find(name);
  const auto saved = live == nullptr ? user_in_file(name) : std::nullopt;
  if (live != nullptr)
    finding.observation = Present{attributes(subject, *live)};
  else if (saved)
    finding.observation = Present{{{"saved", true}}};
  else
    finding.observation = Absent{};
  if (live != nullptr && name != default_user)
    for (const auto& client : clients_of(instance_, name))
      finding.disturbs.push_back({Disturbance::Kind::other, client, "is disconnected"});
  if (name == default_user) finding.obstacle = Obstacle{"redis keeps it for ever; `forget` releases it", {}};
  return finding;
}

/// What means the same as it is declared comes out as it is declared.
Attributes UserReader::attributes(const Subject& subject, const AclUser& live) const {
  const auto& declared = subject.declaration->attributes;
  const auto wanted = selectors_of(list_of(declared, "selectors"), instance_.commands());
  const bool same = wanted && wanted->size() == live.selectors.size() &&
                    std::ranges::is_permutation(*wanted, live.selectors);
  return {{"channels", live.own.channels.written()},
          {"commands", shown_commands(subject, live)},
          {"enabled", live.enabled},
          {"keys", live.own.keys.written()},
          {"password", password_of(live)},
          {"saved", is_saved(subject.declaration->name)},
          {"selectors", same ? list_of(declared, "selectors") : live.selector_texts}};
}

Words UserReader::shown_commands(const Subject& subject, const AclUser& live) const {
  const auto declared = list_of(subject.declaration->attributes, "commands");
  for (const auto& rules : {declared, recall_memory(subject.memory).commands})
    if (const auto allowed = allowed_by(rules, instance_.commands());
        allowed && *allowed == live.own.commands)
      return rules;
  return live.command_rules;
}

/// A file that has no line for `default` leaves it open, unless another directive gives it a password.
std::optional<AclUser> UserReader::user_in_file(const std::string& name) const {
  if (const auto* user = saved_.find(name)) return *user;
  if (name != default_user || !instance_.has_aclfile()) return std::nullopt;
  return parse_users({open_default}, instance_.commands(), false).by_name.at(name);
}

bool UserReader::is_saved(const std::string& name) const {
  const auto path = instance_.users_path();
  const auto* file = instance_.file(path);
  if (path.empty() || file == nullptr || awaits_restart(instance_)) return true;
  if (file->state != "file") return false;
  const auto saved = user_in_file(name);
  const auto* live = live_.find(name);
  if (!saved) return name == default_user || live == nullptr;
  return live != nullptr && *saved == *live;
}

/// Not the digests of passwords, which would let people try their guesses.
std::string UserReader::fingerprint(const std::string& name) const {
  const auto* live = live_.find(name);
  std::string all = instance_.setting("aclfile").value_or("") + '\n';
  if (live == nullptr) return sha256_hex(all);
  all += fmt::format("{} {} {} {}\n", live->enabled, live->needs_no_password, live->password_digests.size(),
                     live->skips_sanitizing);
  for (const auto& words :
       {live->own.keys.rules(), live->own.channels.rules(), live->command_rules, live->selector_texts})
    all += join(words, " ") + '\n';
  return sha256_hex(all);
}

std::string UserReader::login_name() const {
  const auto* reply = instance_.reply("whoami");
  return reply != nullptr && reply->is_text() ? reply->text : std::string(default_user);
}

std::string UserReader::obstacle(const Subject& subject, const AclUser* live) const {
  const auto& declaration = *subject.declaration;
  if (awaits_restart(instance_)) return std::string(restart_is_owed);
  if (declared_move(subjects_, instance_) != nullptr) return std::string(move_comes_first);
  if (auto text = saving_obstacle(instance_, instance_.users_path()); !text.empty()) return text;
  if (auto text = rule_obstacle(declaration); !text.empty() && !subject.leaving) return text;
  if (auto text = disagreement(); !text.empty()) return text;
  if (live == nullptr || declaration.name != login_name()) return {};
  if (!subject.leaving && !differs(subject, *live)) return {};
  return "Tidelock itself logs in as this user; give redis.user and redis.password of another one";
}

std::string UserReader::rule_obstacle(const Declaration& declaration) const {
  const auto& table = instance_.commands();
  if (const auto allowed = allowed_by(list_of(declaration.attributes, "commands"), table); !allowed)
    return allowed.error();
  const auto selectors = list_of(declaration.attributes, "selectors");
  if (const auto parsed = selectors_of(selectors, table); !parsed) return parsed.error();
  const auto keys = key_patterns(list_of(declaration.attributes, "keys"));
  if (instance_.is_before_7() && (!selectors.empty() || !keys.is_plain()))
    return fmt::format("Redis {} has no selectors and no keys that are only read or written",
                       printable(instance_.info("redis_version")));
  return {};
}

bool UserReader::is_ours(std::string_view name) const {
  return std::ranges::any_of(subjects_, [&](const Subject& subject) {
    return is_kind(subject, user_kind) && subject.declaration->name == name;
  });
}

std::string UserReader::disagreement() const {
  const auto path = shown(instance_.users_path());
  for (const auto& [name, reason] : saved_.unreadable)
    return fmt::format("{} has a line for {} that redis would not take: {}", path, shown(name), reason);
  for (const auto& [name, saved] : saved_.by_name) {
    const auto* live = live_.find(name);
    if (is_ours(name) || (live != nullptr && *live == saved)) continue;
    return fmt::format(
        "{} and redis do not agree on the user {}, and saving would overwrite the file: ACL LOAD takes what "
        "the "
        "file has, ACL SAVE or CONFIG REWRITE what redis has",
        path, shown(name));
  }
  return {};
}

/// In more than whether it is saved.
bool UserReader::differs(const Subject& subject, const AclUser& live) const {
  const auto living = attributes(subject, live);
  return std::ranges::any_of(subject.declaration->attributes, [&](const auto& entry) {
    const auto* seen = living.find(entry.first);
    return entry.first != "saved" && (seen == nullptr || *seen != entry.second);
  });
}

/// While everybody is `default`, whatever is taken from it is taken from clients that nobody knows.
void UserReader::describe_closing(Finding& finding, const Subject& subject, const AclUser& live) const {
  const auto& attributes = subject.declaration->attributes;
  if (subject.declaration->name != default_user || !is_open(live) || !differs(subject, live)) return;
  const auto* enabled = attributes.find("enabled");
  const auto* password = attributes.find("password");
  const bool closes = (enabled != nullptr && *enabled == Value(false)) ||
                      (password != nullptr && *password != Value(std::string(no_password)));
  for (const auto& client : clients_of(instance_, default_user))
    finding.disturbs.push_back({Disturbance::Kind::other, client,
                                closes ? "cannot log in again" : "may do other things than before"});
  finding.approval = closes ? "clients that log in without a name and a password are cut off"
                            : "clients that log in without a name and a password may need what it takes away";
}

/// Commands that the application of a user needs and may not use.
Words UserReader::refused(const Subject& subject) const {
  static const Words everyday{"info", "keys", "sort"};
  const auto rules = list_of(subject.declaration->attributes, "commands");
  const auto allowed = allowed_by(rules, instance_.commands());
  const auto* declared = dynamic_cast<const Declared*>(subject.declaration->payload.get());
  const bool told = declared != nullptr && !declared->uses.empty();
  if (!allowed || declared == nullptr || (!told && (rules.empty() || rules.front() != "+@all"))) return {};
  Words names;
  for (const auto& command : told ? declared->uses : everyday)
    if (!allowed->allows(command)) names.push_back(command);
  return names;
}

Words UserReader::remarks() const {
  Words remarks;
  if (!instance_.fault().empty() || live_.by_name.empty()) return remarks;
  for (const auto& subject : subjects_) {
    if (!is_kind(subject, user_kind) || subject.leaving) continue;
    if (const auto names = refused(subject); !names.empty())
      remarks.push_back(fmt::format("The redis user {} may not use {}.", shown(subject.declaration->name),
                                    printable(join(names, ", "))));
  }
  if (any_of_kind(subjects_, user_kind)) {
    remark_on_default(remarks);
    remark_on_file(remarks);
  }
  return remarks;
}

void UserReader::remark_on_default(Words& remarks) const {
  const auto* live = live_.find(default_user);
  if (live == nullptr || !is_open(*live)) return;
  for (const auto& subject : subjects_)
    if (is_kind(subject, user_kind) && subject.declaration->name == default_user && !subject.leaving) return;
  remarks.emplace_back(
      "Users of redis isolate nothing while its user default is open: it needs no password.");
}

void UserReader::remark_on_file(Words& remarks) const {
  const auto path = instance_.users_path();
  const auto* file = instance_.file(path);
  if (path.empty())
    remarks.emplace_back(
        "Redis has neither an aclfile nor a configuration file: its users are gone when it stops.");
  if (file == nullptr) return;
  if (file->state == "none")
    remarks.push_back(fmt::format(
        "{}, which redis needs to start, is gone; the next change of a user brings it back.", shown(path)));
  for (const auto& [name, user] : live_.by_name)
    if (!is_ours(name) && name != default_user && file->state == "file" && saved_.find(name) == nullptr)
      remarks.push_back(
          fmt::format("The redis user {} is not saved in {}; the next change of a user saves it too.",
                      shown(name), shown(path)));
}

}  // namespace tidelock::redis
