#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::slurm {

/// Which file a text is. Both have the same syntax; other keys begin a record.
enum class Dialect : std::uint8_t { slurm_conf, gres_conf };

/// What a line says, which its first key decides. All sorts from `node` on are records: lines of several
/// keys. Slurm takes one key only in any other line.
enum class Sort : std::uint8_t {
  unclear,  ///< not what Slurm could read
  include,
  parameter,
  node,        ///< NodeName= in slurm.conf
  partition,   ///< PartitionName=
  node_set,    ///< NodeSet=
  down_nodes,  ///< DownNodes=
  front_end,   ///< FrontendName=
  gres,        ///< NodeName= or Name= in gres.conf
};

/// Offsets into the text; `end` is behind the last byte.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  bool operator==(const Range&) const = default;
};

struct Pair {
  std::string key;    ///< as it is spelt; compare with `same_word`
  std::string value;  ///< as Slurm sees it: without quotes, escapes and line breaks
  Range at;           ///< from the key to the end of the value
  Range value_at;     ///< of the value, its quotes included
  bool quoted = false;
};

/// A line that says something, with the lines that continue it.
struct Statement {
  Sort sort = Sort::unclear;
  std::size_t line = 0;  ///< number of its first line, from 1
  Range at;              ///< whole lines, line ends included
  /// In the order written; a key may be there more than once, and the last one counts then. One for an
  /// Include line: the file is its value. None when `sort` is `unclear`.
  std::vector<Pair> pairs;
  /// Ends of continued lines, from the backslash on, that hold a comment.
  std::vector<Range> comments;
  /// All of it was understood. What was not is never changed.
  bool sound = true;
};

/// What Slurm would not read as it was meant, or not at all.
struct Problem {
  std::size_t line = 0;  ///< from 1; 0: the whole text
  std::string what;      ///< holds nothing of the text

  bool operator==(const Problem&) const = default;
};

/// A longer text is no configuration: it is kept, and nothing in it understood. (Slurm itself knows no limit,
/// for neither lines nor files, since version 2.5.4.)
inline constexpr std::size_t max_configuration_text = std::size_t{4} << 20U;
/// More are not listed; one more that says so ends the list then.
inline constexpr std::size_t max_problems = 100;

/// The text of a slurm.conf or gres.conf, and what it says. Any bytes can be one: what is not understood is a
/// `Problem`, never an error, and `text()` is what was given, byte for byte.
///
/// Rules are those of Slurm's own parser (src/common/parse_config.c, 22.05 to 24.11), where manual pages say
/// less. What surprises: an Include line must begin in the first column, while everything else may be
/// indented; `Key= ` without a value takes the next word for it; `#` begins a comment in quotes as well; a
/// quote only counts at the beginning of a value whose closing quote is followed by a blank; `+=`, `-=`, `*=`
/// and `/=` mean the same as `=`.
///
/// Included files are not seen: see `Effective::certain` for what that means.
class ConfigurationText {
 public:
  [[nodiscard]] static ConfigurationText parse(std::string text, Dialect dialect);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Dialect dialect() const { return dialect_; }
  [[nodiscard]] const std::vector<Statement>& statements() const { return statements_; }
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
  /// The text ends in a line that a further one would continue.
  [[nodiscard]] bool open() const { return open_; }

 private:
  ConfigurationText(std::string text, Dialect dialect) : text_(std::move(text)), dialect_(dialect) {}
  void problem(std::size_t line, std::string_view what);
  void read();

  std::string text_;
  Dialect dialect_;
  std::vector<Statement> statements_;
  std::vector<Problem> problems_;
  bool open_ = false;
};

/// Equal but for the case of ASCII letters, as keys are compared.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// What a line that begins with this key says; `parameter` when the key begins no record.
[[nodiscard]] Sort sort_of(std::string_view key, Dialect dialect);
[[nodiscard]] constexpr bool is_record(Sort sort) { return sort >= Sort::node; }

/// What Slurm takes for a key: ASCII letters, digits, `_` and `.`.
[[nodiscard]] bool is_key(std::string_view word);

}  // namespace tidelock::slurm
