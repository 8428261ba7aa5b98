#include "tests/property/checks.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/text.hpp"
#include "tests/property/accounts.hpp"

namespace tidelock::property {
namespace {

constexpr std::string_view own_folder = "/var/lib/tidelock";

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool is_ours(std::string_view path) { return lies_at(path, own_folder) || path.contains("/.tidelock-kept"); }

std::string home_of(const Change& change, const Traces& traces) {
  auto home = std::string(change.declaration->attributes.text("home"));
  const auto users = account_lines(traces, "/etc/passwd");
  const auto user = users.find(change.declaration->name);
  constexpr std::size_t home_field = 5;
  if (home.empty() && user != users.end() && user->second.size() > home_field)
    home = user->second[home_field];
  return real_path(traces, home.empty() ? "/home/" + change.declaration->name : home);
}

/// What a plan allows to change on one host.
class Permit {
 public:
  Permit(const Traces& before, const Traces& after, const std::vector<const Change*>& writes) {
    for (const auto* change : writes) add(*change, before, after);
    for (const auto& [path, trace] : after)
      if (is_ours(path)) entries_.insert(parent_of(path));
  }

  [[nodiscard]] bool covers(std::string_view path) const {
    return is_ours(path) || places_.contains(path) || (!users_.empty() && covers_account_folder(path)) ||
           std::ranges::any_of(whole_, [&](const std::string& folder) { return lies_at(path, folder); });
  }
  /// Whether things may come and go in a folder.
  [[nodiscard]] bool covers_entries(std::string_view folder) const { return entries_.contains(folder); }
  /// Other names of what is deleted or replaced: the number of names is a change of what they name.
  [[nodiscard]] bool covers_inode(const Trace& trace) const { return inodes_.contains(trace.inode); }
  [[nodiscard]] bool changes_accounts() const { return !users_.empty() || !groups_.empty(); }
  [[nodiscard]] bool covers_account(std::string_view file, const std::string& name) const {
    const bool user = users_.contains(name);
    return is_group_file(file) ? user || groups_.contains(name) : user;
  }
  [[nodiscard]] const std::set<std::string>& users() const { return users_; }

 private:
  void add(const Change& change, const Traces& before, const Traces& after) {
    const auto& declaration = *change.declaration;
    if (declaration.kind == "user") return add_user(change, before, after);
    if (declaration.kind == "group") {
      groups_.insert(declaration.name);
      return;
    }
    for (const auto* traces : {&before, &after}) {
      const auto path = real_path(*traces, declaration.name);
      places_.insert(path);
      entries_.insert(parent_of(path));
      if (const auto trace = traces->find(path); trace != traces->end()) inodes_.insert(trace->second.inode);
      if (declaration.kind == "tree") whole_.insert(path + ".releases");
    }
  }

  void add_user(const Change& change, const Traces& before, const Traces& after) {
    users_.insert(change.declaration->name);
    for (const auto* traces : {&before, &after}) {
      const auto home = home_of(change, *traces);
      const bool owner = change.action == Action::create || holds(change.changed, std::string("uid"));
      whole_.insert(owner ? home : home + "/.ssh");
      entries_.insert(owner ? parent_of(home) : home);
      // useradd makes the folders above a home as well.
      if (change.action != Action::create) continue;
      for (auto folder = parent_of(home); !before.contains(folder) && !folder.empty();
           folder = parent_of(folder)) {
        places_.insert(folder);
        entries_.insert(parent_of(folder));
      }
    }
  }

  static bool covers_account_folder(std::string_view path) { return lies_at(path, "/var/mail"); }

  std::set<std::string, std::less<>> places_, whole_, entries_;
  std::set<std::string> users_, groups_;
  std::set<std::uint64_t> inodes_;
};

void add_account_changes(Complaints& complaints, const Traces& before, const Traces& after,
                         std::string_view file, const Permit& permit) {
  for (const auto& name : changed_accounts(before, after, file, permit.users()))
    if (!permit.covers_account(file, name))
      complaints.push_back(fmt::format("{}: the line of {}", file, name));
}

std::string difference(const std::string& path, const Traces& before, const Traces& after) {
  const auto old_trace = before.find(path);
  const auto new_trace = after.find(path);
  return fmt::format("{}: was {}, is {}", shown(path),
                     old_trace == before.end() ? "absent" : describe(old_trace->second),
                     new_trace == after.end() ? "absent" : describe(new_trace->second));
}

/// What is in the live release of a tree, by its path there.
Traces released(const Traces& traces, const std::string& path) {
  Traces all;
  const auto link = traces.find(path);
  if (link == traces.end() || !S_ISLNK(link->second.mode)) return all;
  const auto release = parent_of(path) + '/' + link->second.content;
  for (const auto& [inside, trace] : traces)
    if (lies_at(inside, release)) all.emplace(inside.substr(release.size()), trace);
  return all;
}

bool same_things(const Traces& one, const Traces& other) {
  return std::ranges::equal(one, other, [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.same_thing(b.second);
  });
}

/// What a rollback may bring back in another form: a tree in a new release. And what stays: homes outlive
/// their users.
class Elsewhere {
 public:
  Elsewhere(const Traces& before, const Traces& after, const std::vector<const Change*>& writes)
      : before_(before), after_(after) {
    for (const auto* change : writes) {
      if (change->declaration->kind == "tree") trees_.insert(real_path(before, change->declaration->name));
      if (change->declaration->kind == "user")
        for (const auto* traces : {&before, &after}) add_home(*change, home_of(*change, *traces));
    }
  }

  [[nodiscard]] bool covers(std::string_view path) const {
    return std::ranges::any_of(folders_, [&](const auto& folder) { return lies_at(path, folder); }) ||
           std::ranges::any_of(above_, [&](const auto& home) { return lies_at(home, path); }) ||
           std::ranges::any_of(trees_, [&](const auto& tree) {
             return (path == tree && after_.contains(tree) == before_.contains(tree)) ||
                    lies_at(path, tree + ".releases");
           });
  }

  [[nodiscard]] Complaints differences() const {
    Complaints complaints;
    for (const auto& tree : trees_)
      if (!same_things(released(before_, tree), released(after_, tree)))
        complaints.push_back(fmt::format("tree {}: another release is live", shown(tree)));
    for (const auto& home : homes_)
      if (keys(before_, home) != keys(after_, home))
        complaints.push_back(fmt::format("{}: other authorized keys", shown(home)));
    return complaints;
  }

 private:
  void add_home(const Change& change, const std::string& home) {
    const bool lasts = change.action == Action::update;
    folders_.insert(lasts ? home + "/.ssh" : home);
    if (lasts) homes_.insert(home);
    if (!lasts) above_.insert(home);
  }

  static std::string keys(const Traces& traces, const std::string& home) {
    const auto file = traces.find(home + "/.ssh/authorized_keys");
    return file == traces.end() ? "" : file->second.content;
  }

  const Traces& before_;
  const Traces& after_;
  std::set<std::string> trees_, folders_, homes_, above_;
};

std::set<std::string> all_paths(const Traces& before, const Traces& after) {
  std::set<std::string> paths;
  for (const auto* traces : {&before, &after})
    for (const auto& entry : *traces) paths.insert(entry.first);
  return paths;
}

}  // namespace

std::vector<const Change*> writes_on(const Plan& plan, std::string_view host) {
  std::vector<const Change*> writes;
  for (const auto& change : plan.changes)
    if (change.host == host && change.writes()) writes.push_back(&change);
  return writes;
}

Complaints moved(const Traces& before, const Traces& after) {
  Complaints complaints;
  for (const auto& path : all_paths(before, after)) {
    // A lock that lasts is renewed.
    if (path == own_folder || path.starts_with("/var/lib/tidelock/claim")) continue;
    const auto old_trace = before.find(path);
    const auto new_trace = after.find(path);
    if (old_trace == before.end() || new_trace == after.end() || old_trace->second != new_trace->second)
      complaints.push_back(difference(path, before, after));
  }
  return complaints;
}

Complaints unplanned(const Traces& before, const Traces& after, const std::vector<const Change*>& writes) {
  const Permit permit(before, after, writes);
  Complaints complaints;
  for (const auto& path : all_paths(before, after)) {
    if (permit.covers(path)) continue;
    const auto old_trace = before.find(path);
    const auto new_trace = after.find(path);
    const bool both = old_trace != before.end() && new_trace != after.end();
    if (both && old_trace->second == new_trace->second) continue;
    if (permit.changes_accounts() && (is_account_file(path) || is_account_backup(path) || path == "/etc"))
      continue;
    if (both && permit.covers_inode(old_trace->second) && old_trace->second.same_thing(new_trace->second))
      continue;
    if (both && permit.covers_entries(path) && old_trace->second.same_thing(new_trace->second)) continue;
    complaints.push_back(difference(path, before, after));
  }
  for (const auto* file : {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"})
    add_account_changes(complaints, before, after, file, permit);
  return complaints;
}

Complaints lost(const Traces& before, const Traces& after, Made& made) {
  Complaints complaints;
  Made now;
  for (const auto& [path, trace] : before)
    if (!after.contains(path) && !made.contains(path) && !is_ours(path) && !is_account_backup(path))
      complaints.push_back(fmt::format("{} is gone, and no apply had made it", shown(path)));
  for (const auto& [path, trace] : after)
    if (made.contains(path) || !before.contains(path)) now.insert(path);
  for (const std::string file : {"/etc/passwd", "/etc/group"}) {
    const auto old_lines = account_lines(before, file);
    const auto new_lines = account_lines(after, file);
    for (const auto& [name, fields] : old_lines)
      if (!new_lines.contains(name) && !made.contains(file + ':' + name))
        complaints.push_back(fmt::format("{} is gone from {}, and no apply had made it", name, file));
    for (const auto& [name, fields] : new_lines)
      if (made.contains(file + ':' + name) || !old_lines.contains(name)) now.insert(file + ':' + name);
  }
  made = std::move(now);
  return complaints;
}

bool can_be_rolled_back(const Change& change) {
  const bool broken = change.declaration->kind == "tree" && change.before &&
                      change.before->find("sha256") == nullptr;  // its release was gone already
  if (broken && change.action == Action::update) return false;
  return change.action != Action::create || !change.declaration->protect;  // what is protected stays
}

Complaints not_brought_back(const Traces& before, const Traces& after,
                            const std::vector<const Change*>& writes) {
  const Elsewhere elsewhere(before, after, writes);
  Complaints complaints = elsewhere.differences();
  for (const auto& path : all_paths(before, after)) {
    if (is_ours(path) || is_account_file(path) || is_account_backup(path) || elsewhere.covers(path)) continue;
    const auto old_trace = before.find(path);
    const auto new_trace = after.find(path);
    if (old_trace != before.end() && new_trace != after.end() &&
        old_trace->second.same_thing(new_trace->second))
      continue;
    complaints.push_back(difference(path, before, after));
  }
  for (const auto* file : {"/etc/passwd", "/etc/group"})
    for (const auto& name : changed_accounts(before, after, file, {}))
      complaints.push_back(fmt::format("{}: the line of {}", file, name));
  return complaints;
}

}  // namespace tidelock::property
