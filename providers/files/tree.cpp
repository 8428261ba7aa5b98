#include "providers/files/tree.hpp"

#include <algorithm>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"

namespace tidelock::files {
namespace {

bool is_file(const TreeEntry& entry) { return entry.type == 'f' || entry.type == 'x'; }

bool matches(std::string_view name, std::string_view pattern) {
  while (pattern.ends_with('/')) pattern.remove_suffix(1);
  if (pattern.starts_with('/')) return glob_matches(pattern.substr(1), name);
  return glob_matches(pattern, pattern.contains('/') ? name : name.substr(name.rfind('/') + 1));
}

}  // namespace

std::string tree_digest(std::span<const TreeEntry> entries) {
  std::vector<std::string> names;
  std::vector<std::string> contents;
  for (const auto& entry : entries) {
    names.push_back(entry.type + entry.name + "//" + (entry.type == 'l' ? entry.content : ""));
    if (is_file(entry)) contents.push_back("./" + entry.name + '\0' + entry.content);
  }
  std::ranges::sort(names);
  std::ranges::sort(contents);
  Sha256 digest;
  for (const auto& name : names) digest.add(name + '\0');
  for (const auto& content : contents) {
    const auto end = content.find('\0');
    digest.add(content.substr(end + 1) + "  " + content.substr(0, end + 1));
  }
  return std::move(digest).hex();
}

bool is_excluded(std::string_view name, std::span<const std::string> patterns) {
  for (auto end = name.find('/');; end = name.find('/', end + 1)) {
    const auto part = name.substr(0, end);
    if (std::ranges::any_of(patterns, [&](const auto& pattern) { return matches(part, pattern); }))
      return true;
    if (end == std::string_view::npos) return false;
  }
}

}  // namespace tidelock::files
