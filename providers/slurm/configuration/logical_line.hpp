#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

/// White space as Slurm's isspace() sees it.
[[nodiscard]] constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// One line as Slurm works on it: comments cut off, lines that continue joined, escapes resolved, and the
/// newline at its end kept. Empty for a line with nothing but a comment.
struct LogicalLine {
  std::string_view text;   ///< of the whole file
  std::size_t number = 0;  ///< of its first line, from 1
  Range at;                ///< all of its lines
  std::string bytes;       ///< what Slurm sees
  std::vector<std::size_t>
      offsets;  ///< where each of these bytes stands in the text, or the backslash before it
  std::vector<Range>
      comments;       ///< ends of lines that continue, from the backslash on, where they hold a comment
  bool nul = false;   ///< a NUL byte hides the rest of one of its lines from Slurm
  bool open = false;  ///< the text ends where the next line would have been part of this one

  /// Where bytes `first` to `last` (not included, not equal) stand in the text.
  [[nodiscard]] Range raw(std::size_t first, std::size_t last) const;
};

/// Reads a text line by line. The text must outlive it.
///
/// The order in which Slurm does this (src/common/parse_config.c) matters, and the manual pages are silent
/// about it: of each line first what follows a `#` is cut, in quotes too, then blanks at the end; an odd
/// number of backslashes that is last then continues the line. So a backslash in front of a comment continues
/// a line, one inside of a comment does not, and a line with only a comment ends what was continued before.
class LogicalLines {
 public:
  explicit LogicalLines(std::string_view text) : text_(text) {}

  /// False at the end. `line` is overwritten, so that its memory serves for all lines.
  [[nodiscard]] bool next(LogicalLine& line);

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 1;
};

}  // namespace tidelock::slurm
