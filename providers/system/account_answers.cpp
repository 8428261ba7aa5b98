#include "providers/system/account_answers.hpp"

#include <algorithm>

#include "engine/base/text.hpp"
#include "providers/system/records.hpp"

namespace tidelock::system {
namespace {

/// Lines of a passwd file; none when one of them is none. Lines of NIS begin with + or -.
std::optional<Accounts<UserEntry>> parse_users(const std::string& text) {
  Accounts<UserEntry> users;
  for (const auto line : split(text, '\n')) {
    if (line.empty() || line.starts_with('+') || line.starts_with('-')) continue;
    const auto parts = split(line, ':');
    if (parts.size() != 7) return std::nullopt;
    const auto uid = number_in(parts[2]);
    const auto gid = number_in(parts[3]);
    if (!uid || !gid) return std::nullopt;
    users.try_emplace(std::string(parts[0]), UserEntry{*uid, *gid, std::string(parts[4]),
                                                       std::string(parts[5]), std::string(parts[6])});
  }
  return users;
}

std::optional<Accounts<GroupEntry>> parse_groups(const std::string& text) {
  Accounts<GroupEntry> groups;
  for (const auto line : split(text, '\n')) {
    if (line.empty() || line.starts_with('+') || line.starts_with('-')) continue;
    const auto parts = split(line, ':');
    if (parts.size() != 4) return std::nullopt;
    const auto gid = number_in(parts[2]);
    if (!gid) return std::nullopt;
    GroupEntry group{*gid, {}};
    for (const auto member : split(parts[3], ','))
      if (!member.empty()) group.members.emplace_back(member);
    std::ranges::sort(group.members);
    const auto repeats = std::ranges::unique(group.members);
    group.members.erase(repeats.begin(), repeats.end());
    groups.try_emplace(std::string(parts[0]), std::move(group));
  }
  return groups;
}

std::map<std::string, Dress, std::less<>> parse_dress(const std::string& text) {
  std::map<std::string, Dress, std::less<>> all;
  for (const auto line : split(text, '\n')) {
    const auto slash = line.find('/');
    if (slash == std::string_view::npos) continue;
    const auto parts = split(line.substr(0, slash), ' ');
    if (parts.size() != 4) continue;
    const auto uid = number_in(parts[0]);
    const auto mode = number_in(parts[1], 16);
    if (uid && mode) all[std::string(line.substr(slash))] = {*uid, static_cast<std::uint32_t>(*mode)};
  }
  return all;
}

/// "Uid:", then the real, effective, saved and file system number.
std::optional<std::map<std::int64_t, int>> parse_processes(const std::string& text) {
  std::map<std::int64_t, int> processes;
  for (const auto line : split(text, '\n')) {
    const auto parts = split(line, '\t');
    const auto uid = parts.size() == 5 ? number_in(parts[1]) : std::nullopt;
    if (!uid) return std::nullopt;
    ++processes[*uid];
  }
  return processes;
}

void read(Records& records, AccountAnswers& answers) {
  const auto& label = records.take();
  if (label == "local" && records.has(2)) {
    answers.local_users = parse_users(records.take());
    answers.local_groups = parse_groups(records.take());
  } else if (label == "known" && records.has(2)) {
    const bool users = records.take() == "passwd";
    if (users)
      answers.known_users = parse_users(records.take());
    else
      answers.known_groups = parse_groups(records.take());
  } else if (label == "dress" && records.has(1)) {
    answers.dress = parse_dress(records.take());
  } else if (label == "keys" && records.has(4)) {
    const auto& user = records.take();
    auto& file = answers.keys[user];
    file.home = records.take();
    file.state = records.take();
    file.text = records.take();
  } else if (label == "processes" && records.has(1)) {
    answers.processes = parse_processes(records.take());
  }
}

}  // namespace

AccountAnswers parse_account_answers(std::span<const ProbeOutput> outputs) {
  AccountAnswers answers;
  for (const auto& output : outputs)
    for (Records records(output.records); records.more();) read(records, answers);
  return answers;
}

}  // namespace tidelock::system
