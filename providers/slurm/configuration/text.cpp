#include "providers/slurm/configuration/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/configuration/logical_line.hpp"

namespace tidelock::slurm {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool is_key_byte(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/// Takes key=value after key=value from a line, as the regular expression in Slurm's parser does.
class PairReader {
 public:
  explicit PairReader(const LogicalLine& line) : line_(line), bytes_(line.bytes) {}

  /// Nothing, and nothing is taken, when what comes next is none.
  std::optional<Pair> next();
  /// Only white space is left.
  [[nodiscard]] bool at_end() const { return spaces(at_) == bytes_.size(); }

 private:
  [[nodiscard]] std::size_t spaces(std::size_t i) const {
    while (i < bytes_.size() && is_space(bytes_[i])) ++i;
    return i;
  }
  [[nodiscard]] std::size_t word(std::size_t i) const {
    while (i < bytes_.size() && !is_space(bytes_[i])) ++i;
    return i;
  }
  [[nodiscard]] std::optional<std::size_t> behind_equals_sign(std::size_t i) const;
  [[nodiscard]] std::size_t closing_quote(std::size_t open) const;

  const LogicalLine& line_;
  std::string_view bytes_;
  std::size_t at_ = 0;
};

std::optional<std::size_t> PairReader::behind_equals_sign(std::size_t i) const {
  i = spaces(i);
  if (i < bytes_.size() && std::string_view("-*+/").contains(bytes_[i])) ++i;
  if (i >= bytes_.size() || bytes_[i] != '=') return std::nullopt;
  return i + 1;
}

/// The offset of the quote that closes a value; 0 when the quote at `open` is a part of the value.
std::size_t PairReader::closing_quote(std::size_t open) const {
  if (bytes_[open] != '"') return 0;
  const auto close = bytes_.find('"', open + 1);
  if (close == std::string_view::npos) return 0;
  return close + 1 == bytes_.size() || is_space(bytes_[close + 1]) ? close : 0;
}

std::optional<Pair> PairReader::next() {
  const auto key = spaces(at_);
  auto key_end = key;
  while (key_end < bytes_.size() && is_key_byte(bytes_[key_end])) ++key_end;
  const auto behind = key_end > key ? behind_equals_sign(key_end) : std::nullopt;
  if (!behind) return std::nullopt;
  const auto begin = spaces(*behind);
  if (begin == bytes_.size()) return std::nullopt;
  const auto close = closing_quote(begin);
  const auto end = close > 0 ? close + 1 : word(begin);
  at_ = end;
  const auto value =
      close > 0 ? bytes_.substr(begin + 1, close - begin - 1) : bytes_.substr(begin, end - begin);
  return Pair{.key = std::string(bytes_.substr(key, key_end - key)),
              .value = std::string(value),
              .at = line_.raw(key, end),
              .value_at = line_.raw(begin, end),
              .quoted = close > 0};
}

constexpr std::string_view include_word = "include";

/// Only in the first column, and only with white space behind it.
bool is_include(std::string_view bytes) {
  return bytes.size() > include_word.size() &&
         same_word(bytes.substr(0, include_word.size()), include_word) &&
         is_space(bytes[include_word.size()]);
}

/// Reads one line into a statement.
class StatementReader {
 public:
  StatementReader(const LogicalLine& line, Dialect dialect) : line_(line), dialect_(dialect) {}

  /// Nothing when the line says nothing. A line with a problem is a statement that is not sound.
  std::optional<Statement> read();
  /// Empty when all was understood.
  [[nodiscard]] std::string_view problem() const { return problem_; }

 private:
  void read_include();
  void read_pairs();
  void check_head();

  const LogicalLine& line_;
  Dialect dialect_;
  Statement statement_;
  std::string_view problem_;
};

/// Slurm looks for the end of the name without minding the end of the line: behind a name that ends the text,
/// or has a comment right behind it, it reads on in memory that is not the line's.
void StatementReader::read_include() {
  const std::string_view bytes = line_.bytes;
  statement_.sort = Sort::include;
  auto begin = include_word.size();
  while (begin < bytes.size() && is_space(bytes[begin])) ++begin;
  auto end = begin;
  while (end < bytes.size() && !is_space(bytes[end])) ++end;
  if (begin == end) {
    statement_.sort = Sort::unclear;
    problem_ = "Include without a file name";
    return;
  }
  statement_.pairs.push_back({.key = line_.bytes.substr(0, include_word.size()),
                              .value = std::string(bytes.substr(begin, end - begin)),
                              .at = line_.raw(0, end),
                              .value_at = line_.raw(begin, end)});
  if (end == bytes.size())
    problem_ = "no blank or line end behind the file name of Include, where Slurm expects one";
  if (std::ranges::any_of(bytes.substr(end), [](char c) { return !is_space(c); }))
    problem_ = "more behind the file name of Include";
}

void StatementReader::read_pairs() {
  PairReader reader(line_);
  if (auto head = reader.next()) {
    statement_.sort = sort_of(head->key, dialect_);
    statement_.pairs.push_back(*std::move(head));
  }
  if (is_record(statement_.sort))
    while (auto pair = reader.next()) statement_.pairs.push_back(*std::move(pair));
  if (statement_.sort == Sort::unclear)
    problem_ = "not key=value";
  else if (!reader.at_end())
    problem_ = is_record(statement_.sort) ? "something in the record that is not key=value"
                                          : "more behind the value, where Slurm takes one key in a line";
  else if (is_record(statement_.sort))
    check_head();
}

/// Inside of its records Slurm does not know the key they begin with, and it refuses nodes named ALL, and
/// NodeName=DEFAULT with an address (`_parse_nodename` in its src/common/read_config.c).
void StatementReader::check_head() {
  const auto& head = statement_.pairs.front();
  const bool node_default = statement_.sort == Sort::node && same_word(head.value, "DEFAULT");
  if (statement_.sort == Sort::node && same_word(head.value, "ALL"))
    problem_ = "NodeName=ALL, a reserved word";
  for (std::size_t i = 1; i < statement_.pairs.size(); ++i) {
    const auto& key = statement_.pairs[i].key;
    if (same_word(key, head.key)) problem_ = "the key that begins the record is there twice";
    if (node_default &&
        (same_word(key, "NodeAddr") || same_word(key, "NodeHostname") || same_word(key, "BcastAddr")))
      problem_ = "an address or host name for NodeName=DEFAULT";
  }
}

std::optional<Statement> StatementReader::read() {
  statement_.line = line_.number;
  statement_.at = line_.at;
  const bool blank = std::ranges::all_of(line_.bytes, is_space);
  if (!blank && is_include(line_.bytes))
    read_include();
  else if (!blank)
    read_pairs();
  if (line_.nul) problem_ = "a NUL byte, behind which Slurm does not see the rest of the line";
  if (blank && problem_.empty()) return std::nullopt;
  statement_.comments = line_.comments;
  statement_.sound = problem_.empty();
  return std::move(statement_);
}

}  // namespace

ConfigurationText ConfigurationText::parse(std::string text, Dialect dialect) {
  ConfigurationText configuration(std::move(text), dialect);
  if (configuration.text_.size() > max_configuration_text)
    configuration.problem(
        0, fmt::format("longer than {}, which no configuration is", human_bytes(max_configuration_text)));
  else
    configuration.read();
  return configuration;
}

void ConfigurationText::problem(std::size_t line, std::string_view what) {
  if (problems_.size() > max_problems) return;
  if (problems_.size() == max_problems) what = "more problems, which are not listed";
  problems_.push_back({line, std::string(what)});
}

void ConfigurationText::read() {
  LogicalLines lines(text_);
  LogicalLine line;
  while (lines.next(line)) {
    StatementReader reader(line, dialect_);
    auto statement = reader.read();
    if (!reader.problem().empty()) problem(line.number, reader.problem());
    if (statement) statements_.push_back(*std::move(statement));
    open_ = line.open;
  }
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

Sort sort_of(std::string_view key, Dialect dialect) {
  if (dialect == Dialect::gres_conf)
    return same_word(key, "NodeName") || same_word(key, "Name") ? Sort::gres : Sort::parameter;
  constexpr std::array heads{std::pair{"NodeName", Sort::node}, std::pair{"PartitionName", Sort::partition},
                             std::pair{"NodeSet", Sort::node_set}, std::pair{"DownNodes", Sort::down_nodes},
                             std::pair{"FrontendName", Sort::front_end}};
  for (const auto& [head, sort] : heads)
    if (same_word(key, head)) return sort;
  return Sort::parameter;
}

bool is_key(std::string_view word) { return !word.empty() && std::ranges::all_of(word, is_key_byte); }

}  // namespace tidelock::slurm
