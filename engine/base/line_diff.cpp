#include "engine/base/line_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

constexpr std::size_t context = 3;
constexpr std::size_t largest_table = 4'000'000;  // cells of the longest-common-subsequence table

struct Edit {
  char sign = ' ';
  std::string_view line;
  std::size_t before = 0;  ///< lines of the old text in front of this one
  std::size_t after = 0;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.empty()) return {};
  const bool terminated = text.ends_with('\n');
  auto lines = split(terminated ? text.substr(0, text.size() - 1) : text, '\n');
  return lines;
}

/// Longest common subsequence of the middle that differs, from a table filled from its end.
class Table {
 public:
  Table(std::span<const std::string_view> a, std::span<const std::string_view> b)
      : width_(b.size() + 1), cells_((a.size() + 1) * width_) {
    for (std::size_t i = a.size(); i-- > 0;)
      for (std::size_t j = b.size(); j-- > 0;)
        cells_[i * width_ + j] = a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  }
  [[nodiscard]] std::uint32_t at(std::size_t i, std::size_t j) const { return cells_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> cells_;
};

std::vector<Edit> edits_between(std::span<const std::string_view> a, std::span<const std::string_view> b) {
  std::vector<Edit> edits;
  const bool small = (a.size() + 1) * (b.size() + 1) <= largest_table;
  const Table table = small ? Table(a, b) : Table({}, {});
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const bool both = i < a.size() && j < b.size();
    if (both && small && a[i] == b[j]) {
      edits.push_back({' ', a[i], i, j});
      ++i, ++j;
    } else if (i < a.size() && (!both || !small || table.at(i + 1, j) >= table.at(i, j + 1))) {
      edits.push_back({'-', a[i], i, j});
      ++i;
    } else {
      edits.push_back({'+', b[j], i, j});
      ++j;
    }
  }
  return edits;
}

void append_hunk(std::string& out, std::span<const Edit> hunk) {
  const auto old_lines = std::ranges::count_if(hunk, [](const Edit& e) { return e.sign != '+'; });
  const auto new_lines = std::ranges::count_if(hunk, [](const Edit& e) { return e.sign != '-'; });
  out += fmt::format("@@ -{},{} +{},{} @@\n", hunk.front().before + (old_lines > 0 ? 1 : 0), old_lines,
                     hunk.front().after + (new_lines > 0 ? 1 : 0), new_lines);
  for (const auto& edit : hunk) out += fmt::format("{}{}\n", edit.sign, edit.line);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after) {
  const auto a = lines_of(before);
  const auto b = lines_of(after);
  auto edits = edits_between(a, b);
  if (before.ends_with('\n') != after.ends_with('\n') && !before.empty() && !after.empty() && a == b)
    return before.ends_with('\n') ? "\\ the newline at the end goes\n" : "\\ a newline is added at the end\n";
  std::string out;
  for (std::size_t i = 0; i < edits.size();) {
    if (edits[i].sign == ' ') {
      ++i;
      continue;
    }
    const auto first = i - std::min(i, context);
    auto last = i;  // the last changed line that is near enough to belong to this hunk
    for (auto k = i; k < edits.size() && k <= last + 2 * context; ++k)
      if (edits[k].sign != ' ') last = k;
    const auto end = std::min(last + context + 1, edits.size());
    append_hunk(out, std::span(edits).subspan(first, end - first));
    i = end;
  }
  return out;
}

}  // namespace tidelock
