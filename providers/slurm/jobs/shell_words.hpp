#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::slurm {

/// A piece of a text.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// A word of a shell command, without its quotes.
struct ShellWord {
  std::string text;
  bool known = true;  ///< false: only the running job knows it ($1, $(date), *.sif), and `text` means nothing
  Span at;            ///< as it stands in the script, quotes included
  Span inside;        ///< what is within the quotes, where one pair is around all of it; `at` otherwise
};

/// A simple command: what stands between ; | & and ends of lines.
struct ShellCommand {
  std::vector<std::string> lead;  ///< reserved words before it: if, then, !, {
  std::vector<ShellWord> words;
  std::vector<ShellWord> written;  ///< targets of > and >>
  std::vector<ShellWord> listed;   ///< elements of arrays, NAME=(…)
  std::string after;               ///< what ends it: ; ;; & && | || ( ) or a newline; empty at the end
  std::optional<Span> input;       ///< the text of its here-document
};

/// What `read_shell` finds, in the order of the script.
class ShellListener {
 public:
  virtual ~ShellListener() = default;
  virtual void command(const ShellCommand& command) = 0;
  /// The value of a variable that is used at this place, where it is known.
  virtual std::optional<std::string> value_of(std::string_view name, std::size_t at) = 0;
  /// Names that get a value in another way than NAME=value: ((N++)), ${N:=1}.
  virtual void changed(std::string_view name) = 0;
  /// A comment, from its # on.
  virtual void comment(std::string_view /*text*/, std::size_t /*at*/) {}
};

/// Takes a piece of a script in sh, bash or ksh apart, without running anything; commands within $( ) come
/// before the one they stand in. Any bytes give something: what no shell would take gives words that are not
/// `known`, or none. The time it takes grows with the size of the text, whatever is in it. Placeholders
/// {{NAME}} are ordinary text.
void read_shell(std::string_view text, Span piece, ShellListener& listener, int depth = 0);

/// Whether a shell takes it as the name of a variable.
[[nodiscard]] bool is_variable_name(std::string_view text);

/// What a text in a shell's arithmetic names.
[[nodiscard]] std::vector<std::string_view> names_in(std::string_view text);

}  // namespace tidelock::slurm
