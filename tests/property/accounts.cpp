#include "tests/property/accounts.hpp"

#include <algorithm>
#include <array>

#include "engine/base/text.hpp"

namespace tidelock::property {
namespace {

constexpr std::array<std::string_view, 4> files{"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow"};
constexpr std::array<std::string_view, 9> backups{"/etc/passwd-",  "/etc/group-",    "/etc/shadow-",
                                                  "/etc/gshadow-", "/etc/.pwd.lock", "/etc/subuid",
                                                  "/etc/subgid",   "/etc/subuid-",   "/etc/subgid-"};

std::string without(std::string_view members, const std::set<std::string>& users) {
  std::vector<std::string> rest;
  for (const auto member : split(members, ','))
    if (!member.empty() && !users.contains(std::string(member))) rest.emplace_back(member);
  std::ranges::sort(rest);
  return join(rest, ",");
}

}  // namespace

bool is_account_file(std::string_view path) { return holds(files, path); }

bool is_group_file(std::string_view path) { return path == "/etc/group" || path == "/etc/gshadow"; }

bool is_account_backup(std::string_view path) { return holds(backups, path); }

AccountLines account_lines(const Traces& traces, std::string_view file) {
  AccountLines lines;
  const auto trace = traces.find(file);
  if (trace == traces.end()) return lines;
  for (const auto line : split(trace->second.content, '\n')) {
    if (line.empty()) continue;
    std::vector<std::string> fields;
    for (const auto field : split(line, ':')) fields.emplace_back(field);
    auto name = fields.front();
    lines.emplace(std::move(name), std::move(fields));
  }
  return lines;
}

std::set<std::string> changed_accounts(const Traces& before, const Traces& after, std::string_view file,
                                       const std::set<std::string>& users) {
  auto old_lines = account_lines(before, file);
  auto new_lines = account_lines(after, file);
  if (is_group_file(file))
    for (auto* lines : {&old_lines, &new_lines})
      for (auto& [name, fields] : *lines) fields.back() = without(fields.back(), users);
  std::set<std::string> changed;
  for (const auto* lines : {&old_lines, &new_lines})
    for (const auto& [name, fields] : *lines) {
      const auto old_line = old_lines.find(name);
      const auto new_line = new_lines.find(name);
      if (old_line == old_lines.end() || new_line == new_lines.end() || old_line->second != new_line->second)
        changed.insert(name);
    }
  return changed;
}

}  // namespace tidelock::property
