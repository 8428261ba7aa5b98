#include "providers/slurm/jobs/shell_words.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/text.hpp"
#include "providers/slurm/jobs/placeholder.hpp"

namespace tidelock::slurm {
namespace {

constexpr int deepest = 8;  // $( ) in $( ): beyond it is no script that people write

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }
bool is_reserved(std::string_view word) {
  constexpr auto reserved =
      std::to_array<std::string_view>({"if", "then", "elif", "else", "fi", "do", "done", "while", "until",
                                       "!", "{", "}", "esac", "time", "coproc"});
  return holds(reserved, word);
}

class ShellReader {
 public:
  ShellReader(std::string_view text, Span piece, ShellListener& listener, int depth)
      : text_(text.substr(0, std::min(piece.end, text.size()))),
        at_(std::min(piece.begin, text_.size())),
        listener_(listener),
        depth_(depth) {}

  void run() {
    while (at_ < text_.size()) step();
    end_command("");
    take_documents();
  }

 private:
  struct Document {
    std::string end;
    bool tabs = false;  ///< <<-: leading tabs do not count
  };

  [[nodiscard]] bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  [[nodiscard]] std::string_view from(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  void step() {
    const char c = text_[at_];
    if (c == '\n') return end_line();
    if (c == ' ' || c == '\t' || c == '\r') return skip(1);
    if (sees("\\\n")) return skip(2);
    if (c == '#') return read_comment();
    if (c == '<' || c == '>' || sees("&>")) return read_redirection();
    if (sees("((")) return read_arithmetic();
    if (std::string_view(";&|()").contains(c)) return read_operator();
    read_command_word();
  }

  void skip(std::size_t bytes) { at_ = std::min(at_ + bytes, text_.size()); }
  void skip_to(std::string_view what, std::size_t beyond) {
    const auto found = text_.find(what, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + beyond;
  }

  void read_comment() {
    const auto begin = at_;
    skip_to("\n", 0);
    listener_.comment(from(begin), begin);
  }

  void read_operator() {
    const auto begin = at_;
    const char c = text_[at_];
    skip(1);
    if (c == '(' && assigns_array(begin)) return skip_array();
    if (c != '(' && c != ')' && at_ < text_.size() && text_[at_] == c) skip(1);
    end_command(from(begin));
  }

  [[nodiscard]] bool assigns_array(std::size_t at) const {
    return !command_.words.empty() && command_.words.back().at.end == at && text_[at - 1] == '=';
  }
  void skip_array() {
    command_.words.back().known = false;
    while (at_ < text_.size() && text_[at_] != ')') {
      if (std::string_view(" \t\r\n;&|()<>").contains(text_[at_]))
        skip(1);
      else
        command_.listed.push_back(read_word());
    }
    skip(1);
  }

  void read_arithmetic() {
    end_command("(");
    const auto begin = at_;
    skip_to("))", 2);
    for (const auto name : names_in(from(begin))) listener_.changed(name);
  }

  void read_redirection() {
    const auto begin = at_;
    while (at_ < text_.size() && std::string_view("<>&|").contains(text_[at_])) skip(1);
    const auto sign = from(begin);
    if (sign == "<<") return read_document_sign();
    if (at_ < text_.size() && text_[at_] == '(') return;  // <( ): its commands follow
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) skip(1);
    auto word = read_word();
    if (sign.contains('>') && !sign.ends_with(">&")) command_.written.push_back(std::move(word));
  }

  void read_document_sign() {
    const bool tabs = at_ < text_.size() && text_[at_] == '-';
    if (tabs) skip(1);
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) skip(1);
    documents_.push_back({read_word().text, tabs});
  }

  void read_command_word() {
    auto word = read_word();
    // 2> and 1>: the number belongs to the sign
    const bool number = std::ranges::all_of(word.text, [](char c) { return c >= '0' && c <= '9'; });
    if (number && at_ < text_.size() && (text_[at_] == '>' || text_[at_] == '<')) return;
    if (command_.words.empty() && is_reserved(word.text) && word.at.end - word.at.begin == word.text.size())
      command_.lead.push_back(std::move(word.text));
    else
      command_.words.push_back(std::move(word));
  }

  ShellWord read_word() {
    word_ = {};
    word_.at.begin = at_;
    pieces_ = 0;
    while (at_ < text_.size() && !std::string_view(" \t\r\n;&|()<>").contains(text_[at_])) {
      ++pieces_;
      read_piece();
    }
    word_.at.end = at_;
    const bool quoted = pieces_ == 1 && at_ >= word_.at.begin + 2 &&
                        (text_[word_.at.begin] == '"' || text_[word_.at.begin] == '\'');
    word_.inside = quoted ? Span{word_.at.begin + 1, at_ - 1} : word_.at;
    return std::exchange(word_, {});
  }

  void read_piece() {
    if (sees("$'")) return read_ansi_quotes();
    const char c = text_[at_];
    if (c == '\'') return read_single_quotes();
    if (c == '"') return read_double_quotes();
    if (c == '\\') return read_escape();
    if (c == '$') return read_dollar();
    if (c == '`') return read_backticks();
    if (const auto length = placeholder_length(text_.substr(at_)); length > 0) return read_text(length);
    if (c == '{' || c == '*' || c == '?' || (c == '~' && at_ == word_.at.begin)) word_.known = false;
    if (c == '[' && at_ != word_.at.begin) word_.known = false;  // [ and [[ are commands
    read_text(1);
  }

  void read_text(std::size_t bytes) {
    word_.text += text_.substr(at_, bytes);
    skip(bytes);
  }

  void read_escape() {
    skip(1);
    if (at_ == text_.size()) return;
    if (text_[at_] != '\n') word_.text += text_[at_];
    skip(1);
  }

  void read_single_quotes() {
    skip(1);
    const auto begin = at_;
    skip_to("'", 0);
    word_.text += from(begin);
    if (at_ == text_.size()) word_.known = false;
    skip(1);
  }

  void read_ansi_quotes() {
    word_.known = false;
    for (skip(2); at_ < text_.size() && text_[at_] != '\''; skip(1))
      if (text_[at_] == '\\') skip(1);
    skip(1);
  }

  void read_double_quotes() {
    skip(1);
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      const bool escape =
          c == '\\' && at_ + 1 < text_.size() && std::string_view("$`\"\\\n").contains(text_[at_ + 1]);
      if (escape)
        read_escape();
      else if (c == '$')
        read_dollar();
      else if (c == '`')
        read_backticks();
      else
        read_text(1);
    }
    if (at_ == text_.size()) word_.known = false;
    skip(1);
  }

  void read_backticks() {
    word_.known = false;
    skip(1);
    const auto begin = at_;
    skip_to("`", 0);
    read_inner({begin, at_});
    skip(1);
  }

  void read_dollar() {
    if (sees("$((")) return read_dollar_arithmetic();
    if (sees("$(")) return read_substitution();
    if (sees("${")) return read_braces();
    skip(1);
    const auto begin = at_;
    if (at_ < text_.size() && begins_name(text_[at_])) {
      while (at_ < text_.size() && in_name(text_[at_])) skip(1);
      return put_value(from(begin), begin);
    }
    // $1, $@, $'..': what it gives is not looked for; a $ that nothing follows is itself
    if (at_ < text_.size() && std::string_view("0123456789@*#?$!-'\"").contains(text_[at_])) {
      word_.known = false;
      if (text_[at_] != '\'' && text_[at_] != '"') skip(1);
      return;
    }
    word_.text += '$';
  }

  void read_dollar_arithmetic() {
    word_.known = false;
    const auto begin = at_;
    skip_to("))", 2);
    const auto inside = from(begin);
    if (inside.contains('=') || inside.contains("++") || inside.contains("--"))
      for (const auto name : names_in(inside)) listener_.changed(name);
  }

  void read_substitution() {
    word_.known = false;
    skip(2);
    const auto begin = at_;
    skip_balanced('(', ')');
    read_inner({begin, at_});
    skip(1);
  }

  /// ${NAME} has a value; of ${NAME:-x} and the like only the name is noted.
  void read_braces() {
    skip(2);
    const auto begin = at_;
    skip_balanced('{', '}');
    const auto inside = from(begin);
    skip(1);
    if (is_variable_name(inside)) return put_value(inside, begin);
    word_.known = false;
    const auto names = names_in(inside);
    if (names.empty()) return;
    static_cast<void>(listener_.value_of(names.front(), begin));
    if (inside.contains('=')) listener_.changed(names.front());
  }

  void put_value(std::string_view name, std::size_t begin) {
    if (const auto value = listener_.value_of(name, begin))
      word_.text += *value;
    else
      word_.known = false;
  }

  void read_inner(Span piece) {
    if (depth_ >= deepest) return;
    read_shell(text_.substr(0, piece.end), piece, listener_, depth_ + 1);
  }

  /// To the closing sign that belongs to an opening one before, or to the end.
  void skip_balanced(char open, char close) {
    int depth = 1;
    for (; at_ < text_.size(); skip(1)) {
      const char c = text_[at_];
      if (c == '\\')
        skip(1);
      else if (c == '\'' || c == '"')
        skip_quotes(c);
      else if (c == open)
        ++depth;
      else if (c == close && --depth == 0)
        return;
    }
  }

  /// Stops on the closing quote. A lone apostrophe (in a comment) is no quote.
  void skip_quotes(char quote) {
    auto end = at_ + 1;
    for (; end < text_.size() && text_[end] != quote; ++end)
      if (quote == '"' && text_[end] == '\\') ++end;
    if (end < text_.size()) at_ = end;
  }

  void end_command(std::string_view sign) {
    command_.after = sign;
    auto command = std::exchange(command_, {});
    const bool empty = command.words.empty() && command.written.empty();
    if (empty && documents_.size() == documents_of_.size()) return;
    if (documents_.empty()) return listener_.command(command);
    documents_of_.resize(documents_.size(), waiting_.size());
    waiting_.push_back(std::move(command));
  }

  void end_line() {
    end_command("\n");
    skip(1);
    take_documents();
  }

  /// Here-documents begin on the line after the one that asks for them.
  void take_documents() {
    documents_of_.resize(documents_.size(), waiting_.empty() ? 0 : waiting_.size() - 1);
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      const auto piece = read_document(documents_[i]);
      if (documents_of_[i] < waiting_.size()) waiting_[documents_of_[i]].input = piece;
    }
    documents_.clear();
    documents_of_.clear();
    for (const auto& command : std::exchange(waiting_, {})) listener_.command(command);
  }

  Span read_document(const Document& document) {
    const auto begin = at_;
    while (at_ < text_.size()) {
      const auto line_begin = at_;
      skip_to("\n", 0);
      auto line = from(line_begin);
      skip(1);
      while (document.tabs && line.starts_with('\t')) line.remove_prefix(1);
      if (line == document.end) return {begin, line_begin};
    }
    return {begin, at_};
  }

  std::string_view text_;
  std::size_t at_;
  ShellListener& listener_;
  int depth_;
  ShellWord word_;
  std::size_t pieces_ = 0;
  ShellCommand command_;
  std::vector<Document> documents_;
  std::vector<std::size_t> documents_of_;  ///< for each document the command in `waiting_` that reads it
  std::vector<ShellCommand> waiting_;
};

}  // namespace

void read_shell(std::string_view text, Span piece, ShellListener& listener, int depth) {
  ShellReader(text, piece, listener, depth).run();
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && begins_name(text.front()) && std::ranges::all_of(text, in_name);
}

std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!in_name(text[i])) continue;
    const auto begin = i;
    while (i < text.size() && in_name(text[i])) ++i;
    if (begins_name(text[begin])) names.push_back(text.substr(begin, i - begin));
  }
  return names;
}

}  // namespace tidelock::slurm
