#include "providers/system/account_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"
#include "providers/system/accounts.sh.hpp"
#include "providers/system/authorized_keys.hpp"

namespace tidelock::system {
namespace {

using embedded::system_accounts_sh;
using Words = std::vector<std::string>;

constexpr std::string_view directory_service =
    "it comes from a directory service, not from this host's files; change it there";

bool is_user(const Subject& subject) { return subject.declaration->kind == "user"; }
bool is_group(const Subject& subject) { return subject.declaration->kind == "group"; }

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void add_once(Words& words, std::string word) {
  if (!word.empty() && !holds(words, word)) words.push_back(std::move(word));
}

/// The declared number, as text; empty where none is.
std::string number_of(const Declaration& declaration, std::string_view attribute) {
  const auto* value = declaration.attributes.find(attribute);
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? "" : fmt::to_string(*number);
}

Words list_of(const Declaration& declaration, std::string_view attribute) {
  const auto* value = declaration.attributes.find(attribute);
  const auto* list = value == nullptr ? nullptr : std::get_if<Words>(value);
  return list == nullptr ? Words{} : *list;
}

void add_known(Probe& probe, const char* database, const Words& keys) {
  if (keys.empty()) return;
  Script script(system_accounts_sh, "accounts_known");
  script.argument(database);
  for (const auto& key : keys) script.argument(key);
  probe.scripts.push_back(std::move(script));
}

template <class Entry>
const Entry* find(const std::optional<Accounts<Entry>>& accounts, std::string_view name) {
  if (!accounts) return nullptr;
  const auto found = accounts->find(name);
  return found == accounts->end() ? nullptr : &found->second;
}

bool differs(const Declaration& declaration, const Attributes& living, std::string_view attribute) {
  const auto* wanted = declaration.attributes.find(attribute);
  const auto* seen = living.find(attribute);
  return wanted != nullptr && !declaration.ignore.contains(attribute) &&
         (seen == nullptr || *seen != *wanted);
}

/// Of what was seen only what the declaration is about.
std::string fingerprint_of(const Declaration& declaration, const Attributes& living) {
  Attributes relevant;
  for (const auto& [name, value] : living)
    if (declaration.attributes.find(name) != nullptr) relevant.set(name, value);
  return sha256_hex(dump(to_json(relevant)));
}

Finding unknown(std::string reason) {
  Finding finding;
  finding.observation = Unknown{std::move(reason)};
  return finding;
}

}  // namespace

void ask_accounts(Probe& probe, std::span<const Subject> subjects) {
  Words users;
  Words groups;
  Words with_keys;
  for (const auto& subject : subjects) {
    const auto& declaration = *subject.declaration;
    if (is_group(subject)) {
      add_once(groups, declaration.name);
      add_once(groups, number_of(declaration, "gid"));
      for (auto& member : list_of(declaration, "members")) add_once(users, std::move(member));
    }
    if (!is_user(subject)) continue;
    add_once(users, declaration.name);
    add_once(users, number_of(declaration, "uid"));
    add_once(groups, std::string(declaration.attributes.text("group")));
    for (auto& group : list_of(declaration, "groups")) add_once(groups, std::move(group));
    if (!subject.leaving && declaration.attributes.find("authorized_keys") != nullptr)
      with_keys.push_back(declaration.name);
  }
  if (users.empty() && groups.empty()) return;
  Script local(system_accounts_sh, "accounts_local");
  probe.scripts.push_back(std::move(local));
  add_known(probe, "passwd", users);
  add_known(probe, "group", groups);
  if (with_keys.empty()) return;
  Script script(system_accounts_sh, "accounts_keys");
  for (const auto& user : with_keys) script.argument(user);
  probe.scripts.push_back(std::move(script));
}

Finding AccountReader::finding(const Subject& subject) const {
  return is_group(subject) ? group(subject) : user(subject);
}

/// Files without root were not read.
bool AccountReader::read_files() const {
  return find(answers_.local_groups, "root") != nullptr && find(answers_.local_users, "root") != nullptr;
}

Finding AccountReader::group(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  if (!read_files() || !answers_.known_groups)
    return unknown("the host gave no clear answer about its groups");
  const auto* entry = find(answers_.local_groups, declaration.name);
  const auto* remote = entry == nullptr ? find(answers_.known_groups, declaration.name) : nullptr;
  const auto* seen = entry == nullptr ? remote : entry;
  Finding finding;
  if (seen == nullptr) {
    finding.observation = Absent{};
    finding.fingerprint = "absent";
    finding.obstacle = group_obstacle(subject, nullptr);
    return finding;
  }
  Attributes living{{"gid", seen->gid}, {"members", seen->members}};
  finding.fingerprint = fingerprint_of(declaration, living);
  finding.obstacle =
      remote != nullptr ? Obstacle{std::string(directory_service), {}} : group_obstacle(subject, seen);
  if (differs(declaration, living, "gid"))
    finding.disturbs = {
        {Disturbance::Kind::other, "", fmt::format("files of group {} keep that number", seen->gid)}};
  finding.observation = Present{std::move(living)};
  return finding;
}

std::optional<Obstacle> AccountReader::group_obstacle(const Subject& subject, const GroupEntry* entry) const {
  const auto& declaration = *subject.declaration;
  if (subject.leaving) return entry == nullptr ? std::nullopt : still_primary(declaration.name, *entry);
  if (entry == nullptr || number_of(declaration, "gid") != fmt::to_string(entry->gid))
    if (auto taken = number_taken(declaration, "gid")) return taken;
  return missing("user", list_of(declaration, "members"));
}

/// groupdel(8) refuses a primary group; users who go with it do not count.
std::optional<Obstacle> AccountReader::still_primary(const std::string& name, const GroupEntry& entry) const {
  Words users;
  for (const auto& [user, other] : *answers_.local_users)
    if (other.gid == entry.gid && !leaves("user", user)) users.push_back(shown(user));
  if (users.empty() || name == "root") return std::nullopt;
  return Obstacle{fmt::format("it is the primary group of {}", join(users, ", ")), {}};
}

std::optional<Obstacle> AccountReader::number_taken(const Declaration& declaration,
                                                    std::string_view attribute) const {
  const auto wanted = number_of(declaration, attribute);
  const auto taken_in = [&](const auto& accounts, auto number) -> std::optional<Obstacle> {
    if (!accounts) return std::nullopt;
    for (const auto& [name, entry] : *accounts)
      if (fmt::to_string(number(entry)) == wanted && name != declaration.name)
        return Obstacle{fmt::format("{} {} is taken by {}", attribute, wanted, shown(name)), {}};
    return std::nullopt;
  };
  const auto gid = [](const GroupEntry& entry) { return entry.gid; };
  const auto uid = [](const UserEntry& entry) { return entry.uid; };
  auto taken =
      attribute == "gid" ? taken_in(answers_.local_groups, gid) : taken_in(answers_.local_users, uid);
  if (taken || wanted.empty()) return wanted.empty() ? std::nullopt : taken;
  return attribute == "gid" ? taken_in(answers_.known_groups, gid) : taken_in(answers_.known_users, uid);
}

/// All of them have to be made before; what nobody declares is named, since it cannot be waited for.
std::optional<Obstacle> AccountReader::missing(const char* kind, const Words& names) const {
  const bool users = std::string_view(kind) == "user";
  Obstacle obstacle;
  bool hopeless = false;
  for (const auto& name : names) {
    if (name.empty() || is_number(name)) continue;
    const bool known =
        users ? find(answers_.local_users, name) != nullptr || find(answers_.known_users, name) != nullptr
              : find(answers_.local_groups, name) != nullptr || find(answers_.known_groups, name) != nullptr;
    if (known) continue;
    const bool declared = std::ranges::any_of(subjects_, [&](const Subject& other) {
      return !other.leaving && other.declaration->kind == kind && other.declaration->name == name;
    });
    if (obstacle.until.empty() || (!declared && !hopeless))
      obstacle.text = fmt::format("the {} {} does not exist on this host", kind, shown(name));
    hopeless = hopeless || !declared;
    obstacle.until.push_back({kind, name});
  }
  return obstacle.until.empty() ? std::nullopt : std::optional(std::move(obstacle));
}

Finding AccountReader::user(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  if (!read_files() || !answers_.known_users) return unknown("the host gave no clear answer about its users");
  const auto* entry = find(answers_.local_users, declaration.name);
  const auto* remote = entry == nullptr ? find(answers_.known_users, declaration.name) : nullptr;
  const auto* seen = entry == nullptr ? remote : entry;
  if (asked_ && subject.leaving && seen != nullptr && !answers_.processes)
    return unknown("the host did not tell its processes");
  const bool wants_keys = !subject.leaving && declaration.attributes.find("authorized_keys") != nullptr;
  if (wants_keys && !answers_.keys.contains(declaration.name))
    return unknown("the host gave no answer about its authorized keys");
  Finding finding;
  if (seen == nullptr) {
    finding.observation = Absent{};
    finding.fingerprint = "absent";
    finding.obstacle = user_obstacle(subject, nullptr);
    return finding;
  }
  auto living = user_attributes(declaration, *seen);
  finding.fingerprint = fingerprint_of(declaration, living);
  if (differs(declaration, living, "uid"))
    finding.disturbs.push_back(
        {Disturbance::Kind::other, "",
         fmt::format("files of user {} outside of its home keep that number", seen->uid)});
  if (differs(declaration, living, "home"))
    finding.disturbs.push_back(
        {Disturbance::Kind::other, "", fmt::format("what is in {} stays there", shown(seen->home))});
  if (subject.leaving) finding.irreversible = "its password";
  finding.before_images = keys_image(declaration);
  finding.observation = Present{std::move(living)};
  finding.obstacle =
      remote != nullptr ? Obstacle{std::string(directory_service), {}} : user_obstacle(subject, seen);
  return finding;
}

Attributes AccountReader::user_attributes(const Declaration& declaration, const UserEntry& entry) const {
  const bool by_number = is_number(declaration.attributes.text("group"));
  Attributes living{{"uid", entry.uid},
                    {"group", by_number ? fmt::to_string(entry.gid) : group_name(entry.gid)},
                    {"groups", groups_with(declaration.name)},
                    {"shell", entry.shell},
                    {"home", entry.home},
                    {"comment", entry.comment}};
  if (auto keys = keys_of(declaration.name, entry.uid)) living.set("authorized_keys", *std::move(keys));
  return living;
}

std::optional<Words> AccountReader::keys_of(const std::string& user, std::int64_t uid) const {
  const auto file = answers_.keys.find(user);
  if (file == answers_.keys.end()) return std::nullopt;
  const auto& [home, state, text] = file->second;
  if (state == "none") return Words{};
  if (state != "file") return std::nullopt;
  auto keys = keys_in_short(text);
  constexpr std::uint32_t writable_by_others = 022;
  for (const auto& path : {home + "/.ssh", home + "/.ssh/authorized_keys"}) {
    const auto dress = answers_.dress.find(path);
    if (dress == answers_.dress.end()) continue;
    const bool strange = dress->second.uid != uid && dress->second.uid != 0;
    if (strange || (dress->second.mode & writable_by_others) != 0)
      keys.push_back(fmt::format("others may write {}", shown(path)));
  }
  return keys;
}

/// The file with the keys that a change replaces.
std::vector<BeforeImage> AccountReader::keys_image(const Declaration& declaration) const {
  const auto keys = answers_.keys.find(declaration.name);
  if (keys == answers_.keys.end()) return {};
  const auto& [home, state, text] = keys->second;
  if (state != "file") return {};
  return {{home + "/.ssh/authorized_keys", text.size()}};
}

std::string AccountReader::group_name(std::int64_t gid) const {
  for (const auto* groups : {&answers_.local_groups, &answers_.known_groups})
    if (*groups)
      for (const auto& [name, entry] : **groups)
        if (entry.gid == gid) return name;
  return fmt::to_string(gid);
}

Words AccountReader::groups_with(const std::string& user) const {
  Words groups;
  for (const auto& [name, entry] : *answers_.local_groups)
    if (holds(entry.members, user)) groups.push_back(name);
  return groups;
}

std::optional<Obstacle> AccountReader::user_obstacle(const Subject& subject, const UserEntry* entry) const {
  const auto& declaration = *subject.declaration;
  if (subject.leaving) return entry == nullptr ? std::nullopt : running(entry->uid);
  const auto living = entry == nullptr ? Attributes{} : user_attributes(declaration, *entry);
  if (differs(declaration, living, "uid"))
    if (auto taken = number_taken(declaration, "uid")) return taken;
  const auto primary = std::string(declaration.attributes.text("group"));
  const bool comes_along = entry == nullptr && primary == declaration.name;  // useradd makes that one
  Words groups;
  if (!comes_along && differs(declaration, living, "group")) groups.push_back(primary);
  if (differs(declaration, living, "groups"))
    for (auto& group : list_of(declaration, "groups")) add_once(groups, std::move(group));
  if (auto lacking = missing("group", groups)) return lacking;
  if (entry == nullptr) return std::nullopt;
  if (differs(declaration, living, "uid") || differs(declaration, living, "home"))
    if (auto busy = running(entry->uid)) return busy;
  if (differs(declaration, living, "authorized_keys")) return keys_obstacle(declaration.name);
  return std::nullopt;
}

std::optional<Obstacle> AccountReader::running(std::int64_t uid) const {
  if (!answers_.processes) return std::nullopt;
  const auto count = answers_.processes->find(uid);
  if (count == answers_.processes->end()) return std::nullopt;
  return Obstacle{fmt::format("pending: it has {} process{}", count->second, count->second == 1 ? "" : "es"),
                  {}};
}

std::optional<Obstacle> AccountReader::keys_obstacle(const std::string& user) const {
  const auto& [home, state, text] = answers_.keys.find(user)->second;
  if (state == "link")
    return Obstacle{fmt::format("a symbolic link leads to {}/.ssh/authorized_keys", shown(home)), {}};
  if (state == "homeless") return Obstacle{fmt::format("its home folder {} does not exist", shown(home)), {}};
  if (state == "file" || state == "none") return std::nullopt;
  return Obstacle{"its authorized_keys is no file of a reasonable size; move it away by hand", {}};
}

bool AccountReader::leaves(std::string_view kind, std::string_view name) const {
  return std::ranges::any_of(subjects_, [&](const Subject& other) {
    return other.leaving && other.declaration->kind == kind && other.declaration->name == name;
  });
}

void AccountReader::add_question(Probe& probe, std::span<const Finding> findings) const {
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    const auto* present = std::get_if<Present>(&findings[i].observation);
    if (present == nullptr || !is_user(subjects_[i])) continue;
    const auto& declaration = *subjects_[i].declaration;
    const bool moves =
        differs(declaration, present->attributes, "uid") || differs(declaration, present->attributes, "home");
    if (!subjects_[i].leaving && !moves) continue;
    Script processes(system_accounts_sh, "accounts_processes");
    probe.scripts.push_back(std::move(processes));
    return;
  }
}

}  // namespace tidelock::system
