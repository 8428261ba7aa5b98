#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

constexpr std::size_t max_brace_text = 65'536;
constexpr std::size_t max_brace_depth = 32;
/// All words together.
constexpr std::size_t max_brace_output = std::size_t{16} << 20U;

std::unexpected<Error> bad_braces(std::string_view text, std::string_view why) {
  constexpr std::size_t longest = 100;
  return failure("Brace list is not valid", fmt::format("{}: {}", shown(text.substr(0, longest)), why));
}

/// What stands at each offset: an opening brace of a list, one of its commas, its end, or plain text.
class BraceMap {
 public:
  /// Finds the pairs in one pass. Braces without a comma of their own are plain text.
  static Result<BraceMap> of(std::string_view text);

  /// The offset of the comma or the end that follows in the same list; 0 where there is no list.
  [[nodiscard]] std::size_t next(std::size_t offset) const { return next_[offset]; }

 private:
  explicit BraceMap(std::size_t size) : next_(size) {}
  std::vector<std::size_t> next_;
};

Result<BraceMap> BraceMap::of(std::string_view text) {
  BraceMap map(text.size());
  std::vector<std::vector<std::size_t>> open;  // offsets of `{` and of its commas
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') open.push_back({i});
    if (text[i] == ',' && !open.empty()) open.back().push_back(i);
    if (text[i] != '}' || open.empty()) continue;
    auto list = std::move(open.back());
    open.pop_back();
    const bool is_list = list.size() > 1;
    list.push_back(i);
    for (std::size_t n = 0; is_list && n + 1 < list.size(); ++n) map.next_[list[n]] = list[n + 1];
  }
  for (const auto& list : open)
    if (list.size() > 1) return bad_braces(text, "a { without its }");
  return map;
}

/// Expands one text; the words grow from left to right, the first braces slowest.
class BraceExpander {
 public:
  BraceExpander(std::string_view text, BraceMap map) : text_(text), map_(std::move(map)) {}

  [[nodiscard]] Result<std::vector<std::string>> words(std::size_t begin, std::size_t end,
                                                       std::size_t depth) const;

 private:
  [[nodiscard]] Result<std::vector<std::string>> alternatives(std::size_t open, std::size_t depth) const;
  [[nodiscard]] std::size_t end_of(std::size_t open) const;
  [[nodiscard]] Result<std::vector<std::string>> product(const std::vector<std::string>& heads,
                                                         const std::vector<std::string>& tails) const;

  std::string_view text_;
  BraceMap map_;
};

std::size_t BraceExpander::end_of(std::size_t open) const {
  auto at = open;
  while (map_.next(at) != 0) at = map_.next(at);
  return at;
}

Result<std::vector<std::string>> BraceExpander::product(const std::vector<std::string>& heads,
                                                        const std::vector<std::string>& tails) const {
  if (heads.size() * tails.size() > max_hostlist_size)
    return bad_braces(text_, fmt::format("more than {} words", max_hostlist_size));
  std::size_t size = 0;
  for (const auto& head : heads) size += head.size() * tails.size();
  for (const auto& tail : tails) size += tail.size() * heads.size();
  if (size > max_brace_output) return bad_braces(text_, "its words are too long");
  std::vector<std::string> result;
  result.reserve(heads.size() * tails.size());
  for (const auto& head : heads)
    for (const auto& tail : tails) result.push_back(head + tail);
  return result;
}

Result<std::vector<std::string>> BraceExpander::alternatives(std::size_t open, std::size_t depth) const {
  if (depth > max_brace_depth) return bad_braces(text_, "braces stand in each other too deep");
  std::vector<std::string> result;
  for (auto at = open; map_.next(at) != 0; at = map_.next(at)) {
    auto part = words(at + 1, map_.next(at), depth);
    if (!part) return part;
    if (result.size() + part->size() > max_hostlist_size)
      return bad_braces(text_, fmt::format("more than {} words", max_hostlist_size));
    result.insert(result.end(), std::make_move_iterator(part->begin()), std::make_move_iterator(part->end()));
  }
  return result;
}

Result<std::vector<std::string>> BraceExpander::words(std::size_t begin, std::size_t end,
                                                      std::size_t depth) const {
  std::vector<std::string> result{{}};
  auto at = begin;
  while (at < end) {
    auto literal = at;
    while (literal < end && (text_[literal] != '{' || map_.next(literal) == 0)) ++literal;
    const bool is_list = literal < end;
    auto longer = product(result, {std::string(text_.substr(at, literal - at))});
    if (longer && is_list) {
      const auto tails = alternatives(literal, depth + 1);
      if (!tails) return tails;
      longer = product(*longer, *tails);
    }
    if (!longer) return longer;
    result = *std::move(longer);
    at = is_list ? end_of(literal) + 1 : end;
  }
  return result;
}

}  // namespace

Result<std::vector<std::string>> expand_braces(std::string_view text) {
  if (text.size() > max_brace_text) return bad_braces(text, "the text is too long");
  auto map = BraceMap::of(text);
  if (!map) return std::unexpected(map.error());
  return BraceExpander(text, *std::move(map)).words(0, text.size(), 0);
}

}  // namespace tidelock
