#include "providers/nginx/candidate.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/nginx/configuration/edit.hpp"
#include "providers/nginx/configuration/statement.hpp"
#include "providers/nginx/names.hpp"

namespace tidelock::nginx {
namespace {

constexpr std::string_view head_line = "# Kept by Tidelock. What is changed here by hand is changed back.\n";

std::string location_head(std::string_view pattern) { return fmt::format("location {}", pattern); }

std::string block_text(std::string_view head, const std::vector<std::string>& lines) {
  auto text = fmt::format("{} {{\n", head);
  for (const auto& line : lines) text += fmt::format("    {}\n", line);
  return text + "}\n";
}

std::vector<std::string> lines_of(const std::vector<std::string>& statements) {
  std::vector<std::string> lines;
  for (const auto& one : statements) lines.push_back(line_of(one));
  return lines;
}

/// What is named stands before what names it, and goes after that.
int rank_of(const FileChange& change) {
  const auto& path = change.path;
  const int rank = path == upstreams_file                            ? 0
                   : path.starts_with("/etc/nginx/tidelock/")        ? 1
                   : path.starts_with("/etc/nginx/conf.d/tidelock-") ? 2
                                                                     : 3;
  return change.after ? rank : 10 - rank;
}

Obstacle because(std::string text) { return {std::move(text), {}}; }

/// The first of the directives that one of these patterns names; null where none is there.
const Directive* first_of(const Directive& server, const std::vector<Wish>& wishes) {
  for (const auto& child : server.children) {
    const auto pattern = pattern_of(child);
    if (pattern &&
        std::ranges::any_of(wishes, [&](const Wish& wish) { return wish.before == head_of(*pattern); }))
      return &child;
  }
  return nullptr;
}

/// Everywhere below, since somebody may have moved the line.
const Directive* find_include_below(const std::vector<Directive>& directives, std::string_view path) {
  if (const auto* line = find_include(directives, path)) return line;
  for (const auto& directive : directives)
    if (const auto* line = find_include_below(directive.children, path)) return line;
  return nullptr;
}

/// Without what is ours of it, so that two states of a file can be compared.
std::string without_ours(const std::string& bytes, const Wish& wish) {
  auto text = parse(bytes);
  if (!text) return bytes;
  const auto server = find_server(*text, wish.file, wish.match);
  if (!server) return bytes;
  const auto* line = find_include((*server)->children, locations_file(wish.server));
  return line == nullptr ? bytes : without_include(bytes, line->at);
}

std::string without_location(const std::string& bytes, const Wish& wish) {
  auto text = parse(bytes);
  if (!text) return bytes;
  const auto server = find_server(*text, wish.file, wish.match);
  const auto* block = server ? find_block((*server)->children, location_head(wish.name)) : nullptr;
  return block == nullptr ? bytes : without(bytes, block->at);
}

}  // namespace

Candidate::Candidate(const Site& site, const Tree& seen) : site_(site), seen_(seen), files_(site.files) {}

const std::string* Candidate::find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

/// A file may be known by several names.
void Candidate::write(const std::string& path, const std::string& text) {
  const auto real = site_.real_path(path);
  files_[path] = text;
  for (auto& [other, bytes] : files_)
    if (site_.real_path(other) == real) bytes = text;
}

std::optional<Obstacle> Candidate::put(const Wish& wish) {
  if (wish.kind == location_kind) return put_location(wish);
  const bool upstream = wish.kind == upstream_kind;
  const auto head = upstream ? "upstream " + spelt(wish.name) : std::string("server");
  const auto path = upstream ? std::string(upstreams_file) : server_file(wish.server);
  put_block(path, head, block_text(head, lines_of(wish.directives)));
  if (!upstream) touched_.insert(wish.server);
  return std::nullopt;
}

std::optional<Obstacle> Candidate::put_location(const Wish& wish) {
  const auto* bytes = find(wish.file);
  if (bytes == nullptr) return Obstacle{fmt::format("{} is not there", shown(wish.file)), {}};
  if (const auto& real = site_.real_path(wish.file); !real.starts_with(folder))
    return because(
        fmt::format("{} is a link to {}, which is not below {}", shown(wish.file), shown(real), folder));
  const auto text = parse(*bytes);
  if (!text) return because(fmt::format("{}:{}: {}", shown(wish.file), text.error().line, text.error().what));
  const auto server = find_server(*text, wish.file, wish.match);
  if (!server) return because(server.error());
  if (!wish.before.empty() && find_block((*server)->children, location_head(wish.before)) == nullptr)
    return because(fmt::format("its server block has no location {} to stand before", shown(wish.before)));
  if (wish.stands_in == wish.file) return give_back(wish);
  if (std::ranges::any_of(wish.directives,
                          [](const std::string& one) { return one.ends_with(hidden_value); }))
    return because("a header's secret of before was not kept");
  auto shared = shared_lines(wish);
  if (!shared) return because(shared.error());
  if (auto obstacle = take_out(wish)) return obstacle;
  auto lines = lines_of(*shared);
  if (!lines.empty())
    lines.insert(lines.begin(),
                 wish.like.empty() ? "# as its server has them" : "# as location " + wish.like);
  std::ranges::move(lines_of(wish.directives), std::back_inserter(lines));
  put_block(locations_file(wish.server), location_head(wish.name),
            block_text(location_head(wish.name), lines));
  placed_[wish.server].push_back(wish);
  touched_.insert(wish.server);
  return std::nullopt;
}

/// No edit of ours changes what servers of others say; a server of ours may be new.
std::expected<std::vector<std::string>, std::string> Candidate::shared_lines(const Wish& wish) const {
  if (wish.file != server_file(wish.server)) return shared_with(seen_, site_, site_.files, wish);
  return shared_with(Tree(files_, main_file), site_, files_, wish);
}

/// A location that stands in the server's own block goes, if it may: it will stand in our file.
std::optional<Obstacle> Candidate::take_out(const Wish& wish) {
  const auto bytes = *find(wish.file);
  const auto without = without_location(bytes, wish);
  if (without == bytes) return std::nullopt;
  if (wish.stands_in != locations_file(wish.server))
    return because(fmt::format("{} has it already; `adopt: true` moves it", shown(wish.file)));
  write(wish.file, without);
  return std::nullopt;
}

/// Back into the administrators' file, byte for byte, when nothing else has changed there since.
std::optional<Obstacle> Candidate::give_back(const Wish& wish) {
  const auto kept = site_.kept.find(wish.file);
  if (kept == site_.kept.end()) return because("the host keeps no file from before to take it from");
  const auto then = without_ours(without_location(kept->second, wish), wish);
  if (without_ours(*find(wish.file), wish) != then)
    return because(fmt::format("{} was changed since; move the location back by hand", shown(wish.file)));
  remove_block(locations_file(wish.server), location_head(wish.name));
  write(wish.file, kept->second);
  touched_.insert(wish.server);
  return std::nullopt;
}

void Candidate::put_block(const std::string& path, std::string_view head, const std::string& block) {
  const auto* known = find(path);
  const auto bytes = known == nullptr ? std::string(head_line) : *known;
  const auto text = parse(bytes);
  // What nginx cannot read in a file of ours was not written by us, and is in the backup.
  if (!text) return write(path, std::string(head_line) + '\n' + block);
  const auto* there = find_block(text->directives, head);
  if (there != nullptr) {
    const auto trimmed = std::string_view(block).substr(0, block.size() - 1);
    return write(path, bytes.substr(0, there->at.begin).append(trimmed).append(bytes.substr(there->at.end)));
  }
  write(path, bytes + (bytes.ends_with('\n') ? "\n" : "\n\n") + block);
}

void Candidate::remove_block(const std::string& path, std::string_view head) {
  const auto* bytes = find(path);
  const auto text = bytes == nullptr ? std::unexpected(Problem{}) : parse(*bytes);
  const auto* there = text ? find_block(text->directives, head) : nullptr;
  if (there == nullptr) return;
  if (text->directives.size() == 1) {
    files_.erase(path);
    return;
  }
  auto begin = there->at.begin;
  if (begin > 1 && bytes->substr(begin - 2, 2) == "\n\n") --begin;
  auto left = without(*bytes, there->at);
  if (begin != there->at.begin) left.erase(begin, 1);
  write(path, left);
}

void Candidate::remove(const Wish& wish) {
  if (wish.kind == upstream_kind)
    return remove_block(std::string(upstreams_file), "upstream " + spelt(wish.name));
  touched_.insert(wish.server);
  if (wish.kind == server_kind)
    files_.erase(server_file(wish.server));
  else
    remove_block(locations_file(wish.server), location_head(wish.name));
}

void Candidate::settle() {
  for (const auto& server : touched_) {
    const auto placed = placed_.find(server);
    if (find(locations_file(server)) == nullptr)
      exclude(server, "");
    else if (placed != placed_.end())
      include(placed->second.front());
    else if (find(server_file(server)) != nullptr)
      include({.kind = location_kind,
               .server = server,
               .name = {},
               .directives = {},
               .file = server_file(server),
               .match = {},
               .before = {},
               .like = {},
               .stands_in = {}});
  }
}

/// The include line in the right block, before all that one of the locations wants to stand before. One that
/// is there and does so stays where it is.
void Candidate::include(const Wish& wish) {
  const auto path = locations_file(wish.server);
  exclude(wish.server, wish.file);
  exclude_elsewhere(wish);
  auto bytes = *find(wish.file);
  auto text = parse(bytes);
  auto server = text ? find_server(*text, wish.file, wish.match) : std::unexpected(std::string());
  if (!server) return;
  const auto& wishes = placed_[wish.server];
  if (const auto* line = find_include((*server)->children, path)) {
    const auto* behind = first_of(**server, wishes);
    if (behind == nullptr || line->at.begin < behind->at.begin) return;
    bytes = without_include(bytes, line->at);
    text = parse(bytes);
    server = find_server(*text, wish.file, wish.match);
    if (!server) return;
  }
  const auto* behind = first_of(**server, wishes);
  const auto anchor = behind != nullptr ? behind->at.begin : (*server)->body->end;
  write(wish.file, with_include(bytes, anchor, path, fmt::format("Tidelock: locations of {}", wish.server)));
}

/// Takes it out of the other blocks of the same file.
void Candidate::exclude_elsewhere(const Wish& wish) {
  for (;;) {
    const auto text = parse(*find(wish.file));
    const auto server = text ? find_server(*text, wish.file, wish.match) : std::unexpected(std::string());
    const auto* line = server ? find_include_below(text->directives, locations_file(wish.server)) : nullptr;
    if (line == nullptr || ((*server)->at.begin < line->at.begin && line->at.end < (*server)->at.end)) return;
    write(wish.file, without_include(text->bytes, line->at));
  }
}

/// Takes the include line out of every file but one.
void Candidate::exclude(std::string_view server, std::string_view but) {
  const auto path = locations_file(server);
  std::vector<std::string> paths;
  for (const auto& file : files_)
    if (file.second.contains(path.substr(folder.size()))) paths.push_back(file.first);
  for (const auto& file : paths) {
    if (site_.real_path(file) == site_.real_path(std::string(but))) continue;
    for (;;) {
      const auto text = parse(files_[file]);
      const auto* line = text ? find_include_below(text->directives, path) : nullptr;
      if (line == nullptr) break;
      write(file, without_include(text->bytes, line->at));
    }
  }
}

std::vector<FileChange> Candidate::changes() const {
  std::map<std::string, FileChange> by_path;
  const auto change = [&](const std::string& path) -> FileChange& {
    const auto& real = site_.real_path(path);
    return by_path.try_emplace(real, FileChange{.path = real, .before = {}, .after = {}}).first->second;
  };
  for (const auto& [path, text] : site_.files) change(path).before = text;
  for (const auto& [path, text] : files_) change(path).after = text;
  std::vector<FileChange> changes;
  for (auto& entry : by_path)
    if (entry.second.before != entry.second.after) changes.push_back(std::move(entry.second));
  std::ranges::stable_sort(changes, {}, rank_of);
  return changes;
}

}  // namespace tidelock::nginx
