#include "providers/files/tree_answers.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/files/tree.hpp"

namespace tidelock::files {
namespace {

constexpr unsigned owner_executes = 0100;

/// What follows the sign that keeps data from passing for labels; none where the sign is missing.
std::optional<std::string> data(const std::string& record, std::string_view sign) {
  if (!record.starts_with(sign)) return std::nullopt;
  return record.substr(sign.size());
}

/// "f 644 0 0 12 2049 77 1.5 1.5": type, mode, user, group, size, device, inode, times.
bool read_numbers(std::string_view numbers, LiveEntry& entry) {
  constexpr unsigned octal = 8;
  const auto parts = split(numbers, ' ');
  if (parts.size() != 9 || parts[0].size() != 1) return false;
  const auto [end, error] =
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), entry.mode, octal);
  if (error != std::errc{} || end != parts[1].data() + parts[1].size()) return false;
  entry.type = parts[0].front();
  if (entry.type == 'f' && (entry.mode & owner_executes) != 0) entry.type = 'x';
  entry.uid = parts[2];
  entry.gid = parts[3];
  // What comes and goes in a directory is in the list itself; its times tell of what is excluded, too.
  entry.identity = entry.type == 'd'
                       ? join({{std::string("d"), std::string(parts[1]), entry.uid, entry.gid}}, " ")
                       : std::string(numbers);
  return true;
}

/// Reads records one after the other.
class TreeAnswerParser {
 public:
  explicit TreeAnswerParser(TreeAnswers& answers) : answers_(answers) {}

  void read(const std::vector<std::string>& records) {
    records_ = &records;
    at_ = 0;
    while (more()) {
      const auto& label = take();
      if (label == "tree links") read_links();
      if (label == "tree releases") read_releases();
      if (label == "tree content") read_content();
      if (label == "tree end" && more()) answers_.contents_complete = take() == "0" && whole_;
      if (label == "tree sums") read_sums();
      if (label == "holders") answers_.holders = Holders::parse(records, at_);
    }
  }

 private:
  [[nodiscard]] bool more(std::size_t count = 1) const { return records_->size() - at_ >= count; }
  const std::string& take() { return (*records_)[at_++]; }
  [[nodiscard]] bool more_paths(std::size_t count) const {
    return more(count) && (*records_)[at_].starts_with('/');
  }

  void read_links() {
    while (more_paths(2)) {
      const auto& path = take();
      if (auto target = data(take(), "=")) answers_.links[path] = std::move(*target);
    }
  }

  void read_releases() {
    if (!answers_.releases) answers_.releases.emplace();
    while (more_paths(1)) answers_.releases->insert(take());
  }

  void read_content() {
    constexpr std::size_t fields = 6;
    while (more_paths(fields)) {
      auto& entries = answers_.contents[take()];
      const auto name = data(take(), "./");
      const auto numbers = data(take(), "=");
      const auto user = data(take(), "=");
      const auto group = data(take(), "=");
      const auto link = data(take(), "=");
      LiveEntry entry;
      if (!name || !numbers || !user || !group || !link || !read_numbers(*numbers, entry)) {
        whole_ = false;
        return;
      }
      entry.name = *name;
      entry.user = *user;
      entry.group = *group;
      entry.link = *link;
      entries.push_back(std::move(entry));
    }
  }

  void read_sums() {
    constexpr std::size_t digest_size = 64;
    auto& sums = answers_.sums.emplace();
    while (more() && (*records_)[at_].size() > digest_size + 2 &&
           (*records_)[at_].substr(digest_size, 3) == "  /") {
      const auto& line = take();
      sums[line.substr(digest_size + 2)] = line.substr(0, digest_size);
    }
  }

  TreeAnswers& answers_;
  const std::vector<std::string>* records_ = nullptr;
  std::size_t at_ = 0;
  bool whole_ = true;  ///< every record of a release made sense
};

}  // namespace

AnswerParts parts_of(const ProbeOutput& output) {
  AnswerParts parts{.trees = {{}, output.status}, .others = {{}, output.status}};
  const auto& records = output.records;
  if (records.empty() || records.front() != tree_part_begins) {
    parts.others.records = records;
    return parts;
  }
  const auto end = std::ranges::find(records, tree_part_ends);
  parts.trees.records.assign(records.begin() + 1, end);
  if (end != records.end()) parts.others.records.assign(std::next(end), records.end());
  return parts;
}

TreeAnswers parse_tree_answers(std::span<const ProbeOutput> outputs,
                               const std::vector<std::vector<std::string>>& paths) {
  TreeAnswers answers;
  answers.files = parse_answers(outputs, paths);
  TreeAnswerParser parser(answers);
  for (const auto& output : outputs) parser.read(output.records);
  return answers;
}

}  // namespace tidelock::files
