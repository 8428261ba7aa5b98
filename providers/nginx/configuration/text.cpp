#include "providers/nginx/configuration/text.hpp"

#include <algorithm>
#include <utility>

namespace tidelock::nginx {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// What nginx makes of the escapes between `begin` and `end`.
std::string unescaped(std::string_view raw) {
  std::string value;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char next = i + 1 < raw.size() ? raw[i + 1] : '\0';
    const std::string_view known = "\"'\\tnr";
    const auto place = raw[i] == '\\' && next != '\0' ? known.find(next) : std::string_view::npos;
    if (place == std::string_view::npos) {
      value += raw[i];
      continue;
    }
    value += "\"'\\\t\n\r"[place];
    ++i;
  }
  return value;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool read(std::vector<Directive>& directives, std::size_t depth) {
    while (skip_blanks()) {
      if (here() == '}') return depth > 0 || fail("a } has no {");
      Directive directive;
      if (!read_words(directive) || !read_end(directive, depth)) return false;
      directives.push_back(std::move(directive));
    }
    return depth == 0 || fail("a { has no }");
  }

  [[nodiscard]] const Problem& problem() const { return problem_; }

 private:
  [[nodiscard]] bool at_end() const { return position_ == bytes_.size(); }
  [[nodiscard]] char here() const { return bytes_[position_]; }

  bool fail(std::string what) {
    problem_ = {line_, std::move(what)};
    return false;
  }

  void advance_to(std::size_t position) {
    line_ +=
        static_cast<std::size_t>(std::ranges::count(bytes_.substr(position_, position - position_), '\n'));
    position_ = position;
  }

  /// Blanks and comments; false at the end of the text.
  bool skip_blanks() {
    while (!at_end()) {
      if (here() == '#')
        advance_to(std::min(bytes_.find('\n', position_), bytes_.size()));
      else if (is_blank(here()))
        advance_to(position_ + 1);
      else
        return true;
    }
    return false;
  }

  bool read_words(Directive& directive) {
    directive.line = line_;
    directive.at.begin = position_;
    for (;;) {
      if (!skip_blanks()) return fail("the end of the file comes before a directive ends");
      if (here() == ';' || here() == '{') return !directive.words.empty() || fail("a directive has no name");
      if (here() == '}') return fail("a directive ends with } instead of ;");
      if (!(here() == '"' || here() == '\'' ? read_quoted(directive) : read_plain(directive))) return false;
    }
  }

  bool read_quoted(Directive& directive) {
    const auto begin = position_;
    auto end = begin + 1;
    while (end < bytes_.size() && bytes_[end] != bytes_[begin]) end += bytes_[end] == '\\' ? 2 : 1;
    if (end >= bytes_.size()) return fail("a quote is not closed");
    add_word(directive, {begin, end + 1}, {begin + 1, end});
    const bool ends = at_end() || is_blank(here()) || here() == ';' || here() == '{' || here() == ')';
    return ends || fail("something follows a closing quote");
  }

  bool read_plain(Directive& directive) {
    const auto begin = position_;
    auto end = begin;
    bool variable = false;
    for (; end < bytes_.size(); ++end) {
      const char c = bytes_[end];
      if (c == '\\') {
        ++end;
        variable = false;
        continue;
      }
      if (c == '{' && variable) {
        variable = false;
        continue;
      }
      if (is_blank(c) || c == ';' || c == '{') break;
      variable = c == '$';
    }
    end = std::min(end, bytes_.size());
    add_word(directive, {begin, end}, {begin, end});
    return true;
  }

  void add_word(Directive& directive, Range at, Range inside) {
    directive.words.push_back(
        {.at = at, .value = unescaped(bytes_.substr(inside.begin, inside.end - inside.begin))});
    advance_to(at.end);
  }

  bool read_end(Directive& directive, std::size_t depth) {
    if (here() == '{') {
      if (depth + 1 > max_depth) return fail("blocks are nested too deeply");
      advance_to(position_ + 1);
      const auto begin = position_;
      directive.lua = directive.name().ends_with("_by_lua_block");
      if (!(directive.lua ? skip_lua() : read(directive.children, depth + 1))) return false;
      directive.body = Range{begin, position_};
    }
    advance_to(position_ + 1);
    directive.at.end = position_;
    return true;
  }

  bool skip_lua() {
    const auto end = end_of_lua(bytes_, position_);
    if (!end) return fail("a block of Lua is not closed");
    advance_to(*end - 1);
    return true;
  }

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  Problem problem_;
};

}  // namespace

std::expected<Text, Problem> parse(std::string bytes) {
  Text text{.bytes = std::move(bytes), .directives = {}};
  Reader reader(text.bytes);
  if (!reader.read(text.directives, 0)) return std::unexpected(reader.problem());
  return text;
}

std::string spelt(std::string_view value) {
  const bool plain = !value.empty() && value.front() != '#' &&
                     value.find_first_of(" \t\r\n;{}\"'\\") == std::string_view::npos;
  if (plain) return std::string(value);
  std::string quoted = "\"";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char next = i + 1 < value.size() ? value[i + 1] : '"';
    const bool reads_on = value[i] == '\\' && std::string_view("\"'\\tnr").contains(next);
    if (value[i] == '"' || reads_on) quoted += '\\';
    quoted += value[i];
  }
  return quoted + '"';
}

std::string canonical(const Directive& directive) {
  std::string text;
  for (const auto& word : directive.words) text += (text.empty() ? "" : " ") + spelt(word.value);
  return text;
}

}  // namespace tidelock::nginx
