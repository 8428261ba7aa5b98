#include "providers/files/tree_diff.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/files/accounts.hpp"

namespace tidelock::files {
namespace {

std::string joined(const std::set<std::string>& values) {
  constexpr std::size_t enough = 4;
  std::vector<std::string> words(values.begin(), values.end());
  if (words.size() > enough) {
    words.resize(enough);
    words.emplace_back("…");
  }
  return join(words, ", ");
}

std::string octal_text(unsigned mode) { return fmt::format("{:04o}", mode); }

std::string line_of(char sign, const TreeEntry& entry) {
  return fmt::format("{} {}{}", sign, shown(entry.name), entry.type == 'd' ? "/" : "");
}

}  // namespace

std::vector<TreeEntry> tree_entries(const std::vector<LiveEntry>& entries,
                                    const std::map<std::string, std::string>& sums) {
  std::vector<TreeEntry> tree;
  for (const auto& entry : entries) {
    if (entry.name.empty()) continue;
    const auto sum = sums.find(entry.name);
    tree.push_back({entry.name, entry.type, sum == sums.end() ? entry.link : sum->second, 0});
  }
  return tree;
}

std::string listing_digest(const std::vector<LiveEntry>& entries) {
  Sha256 digest;
  for (const auto& entry : entries)
    for (const auto& part : {entry.name, entry.identity, entry.user, entry.group, entry.link})
      digest.add(part + '\0');
  return std::move(digest).hex();
}

Attributes shared_attributes(const std::vector<LiveEntry>& entries, const Attributes& declared) {
  std::set<std::string> owners;
  std::set<std::string> groups;
  std::set<std::string> directory_modes;
  std::set<std::string> file_modes;
  const auto programs = program_mode(declared.text("file_mode"));
  for (const auto& entry : entries) {
    owners.insert(account(declared, "owner", entry.user, entry.uid));
    groups.insert(account(declared, "group", entry.group, entry.gid));
    const auto mode = octal_text(entry.mode);
    if (entry.type == 'd') directory_modes.insert(mode);
    if (entry.type == 'f') file_modes.insert(mode);
    if (entry.type == 'x')
      file_modes.insert(mode == programs ? std::string(declared.text("file_mode")) : mode);
  }
  if (file_modes.empty()) file_modes.emplace(declared.text("file_mode"));
  return {{"directory_mode", joined(directory_modes)},
          {"file_mode", joined(file_modes)},
          {"group", joined(groups)},
          {"owner", joined(owners)}};
}

std::string tree_diff(std::span<const TreeEntry> before, std::span<const TreeEntry> after) {
  std::map<std::string_view, const TreeEntry*> old;
  for (const auto& entry : before) old[entry.name] = &entry;
  std::map<std::string_view, std::string> lines;
  for (const auto& entry : after) {
    const auto was = old.extract(entry.name);
    if (was.empty())
      lines[entry.name] = line_of('+', entry);
    else if (was.mapped()->type != entry.type || was.mapped()->content != entry.content)
      lines[entry.name] = line_of('~', entry);
  }
  for (const auto& [name, entry] : old) lines[name] = line_of('-', *entry);
  constexpr std::size_t enough = 20;
  std::string text;
  std::size_t count = 0;
  for (const auto& [name, line] : lines)
    if (count++ < enough) text += line + '\n';
  if (lines.size() > enough) text += fmt::format("  and {} more\n", lines.size() - enough);
  return text;
}

std::string program_mode(std::string_view file_mode) {
  constexpr int octal = 8;
  constexpr unsigned readable = 0444;
  unsigned mode = 0;
  std::from_chars(file_mode.data(), file_mode.data() + file_mode.size(), mode, octal);
  return octal_text(mode | ((mode & readable) >> 2U));
}

}  // namespace tidelock::files
