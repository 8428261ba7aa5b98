#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/slurm/jobs/shell_words.hpp"

namespace tidelock::slurm {

/// NAME=value in a command.
struct Assignment {
  std::string name;
  std::string value;
  bool known = false;  ///< the value, as far as this command shows it
  std::size_t value_at = 0;
};

/// What a command assigns: words NAME=value before its program, and behind export, local and the like.
struct Assignments {
  std::vector<Assignment> all;
  /// Index of the first word that is no assignment; words.size() where there is none.
  std::size_t program = 0;
  bool last = true;  ///< longer than this command: no program stands behind them
};
[[nodiscard]] Assignments assignments_of(std::string_view text, const ShellCommand& command);

/// Text in a command that another shell runs: of `bash -c '…'`, and a here-document for bash.
[[nodiscard]] std::vector<Span> inner_scripts(const ShellCommand& command);

/// Reads what inner shells run, but not for ever: shells within shells, each within $( ), double what there
/// is to read with each level.
class InnerReader {
 public:
  explicit InnerReader(std::string_view text) : text_(text), left_(2 * text.size()) {}
  void read(const ShellCommand& command, ShellListener& listener);
  /// Whether what comes now is from an inner shell.
  [[nodiscard]] bool is_inside() const { return depth_ > 0; }

 private:
  std::string_view text_;
  std::size_t left_;  ///< bytes
  int depth_ = 0;
};

/// How a script uses its variables, seen as a whole before anything is made of their values.
struct VariableUse {
  std::size_t assignments = 0;
  std::size_t first_assignment = 0;  ///< offset
  std::size_t first_use = std::string_view::npos;
  bool changed = false;  ///< by read, for, ((…)) and the like

  /// Its only value is that of an assignment, and the environment's value is not asked for before.
  [[nodiscard]] bool is_plain() const { return !changed && first_use > first_assignment; }
  [[nodiscard]] bool is_constant() const { return is_plain() && assignments == 1; }
};

/// Text for inner shells included.
[[nodiscard]] std::map<std::string, VariableUse, std::less<>> variables_of(std::string_view script);

}  // namespace tidelock::slurm
