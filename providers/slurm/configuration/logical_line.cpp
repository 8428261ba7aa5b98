#include "providers/slurm/configuration/logical_line.hpp"

#include <algorithm>

namespace tidelock::slurm {
namespace {

/// What Slurm makes of one line before it is joined with others.
struct Piece {
  std::size_t end = 0;   ///< of what counts; the offset of the last backslash where the line continues
  std::size_t next = 0;  ///< where the next line begins
  bool continues = false;
  bool commented = false;
  bool nul = false;
};

/// Where the first `#` stands that no backslash escapes.
std::size_t comment_in(std::string_view line) {
  bool escaped = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && !escaped) return i;
    escaped = line[i] == '\\' && !escaped;
  }
  return line.size();
}

/// The offset of a backslash that continues the line; its size when there is none.
std::size_t continuation_in(std::string_view line) {
  auto end = line.size();
  while (end > 0 && is_space(line[end - 1])) --end;
  auto begin = end;
  while (begin > 0 && line[begin - 1] == '\\') --begin;
  return (end - begin) % 2 == 1 ? end - 1 : line.size();
}

Piece piece_at(std::string_view text, std::size_t begin) {
  Piece piece;
  const auto newline = text.find('\n', begin);
  piece.next = newline == std::string_view::npos ? text.size() : newline + 1;
  auto line = text.substr(begin, piece.next - begin);
  piece.nul = line.contains('\0');
  line = line.substr(0, line.find('\0'));
  const auto comment = comment_in(line);
  piece.commented = comment < line.size();
  line = line.substr(0, comment);
  const auto continuation = continuation_in(line);
  piece.continues = continuation < line.size();
  piece.end = begin + continuation;
  return piece;
}

/// Takes over bytes of one line. An escape never reaches into the next: what is left before a continuation
/// has an even number of backslashes at its end.
void append(LogicalLine& line, std::size_t begin, std::size_t end) {
  for (auto i = begin; i < end; ++i) {
    line.offsets.push_back(i);
    if (line.text[i] == '\\' && i + 1 < end) ++i;
    line.bytes += line.text[i];
  }
}

}  // namespace

Range LogicalLine::raw(std::size_t first, std::size_t last) const {
  const auto end = offsets[last - 1];
  return {offsets[first], end + (text[end] == '\\' ? 2 : 1)};
}

bool LogicalLines::next(LogicalLine& line) {
  if (at_ >= text_.size()) return false;
  line.text = text_;
  line.number = number_;
  line.at = {at_, at_};
  line.bytes.clear();
  line.offsets.clear();
  line.comments.clear();
  line.nul = false;
  for (line.open = true; line.open && at_ < text_.size(); ++number_) {
    const auto piece = piece_at(text_, at_);
    append(line, at_, piece.end);
    line.nul = line.nul || piece.nul;
    line.open = piece.continues;
    if (piece.continues && piece.commented) line.comments.push_back({piece.end, piece.next});
    at_ = piece.next;
  }
  line.at.end = at_;
  return true;
}

}  // namespace tidelock::slurm
