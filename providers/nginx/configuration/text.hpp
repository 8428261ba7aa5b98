#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::nginx {

/// Offsets into a text; `end` is behind the last byte.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;

  bool operator==(const Range&) const = default;
};

/// A name or an argument.
struct Word {
  Range at;           ///< quotes included
  std::string value;  ///< as nginx sees it: without quotes and escapes
};

/// `name argument…;` or `name argument… { … }`.
struct Directive {
  std::vector<Word> words;          ///< its name first; never empty
  Range at;                         ///< from the name to `;` or `}`, both included
  std::size_t line = 0;             ///< of its name, from 1
  std::optional<Range> body;        ///< what stands between the braces
  bool lua = false;                 ///< the body is Lua, which is not looked into
  std::vector<Directive> children;  ///< what the body says, unless it is Lua

  [[nodiscard]] std::string_view name() const { return words.front().value; }
  [[nodiscard]] std::span<const Word> arguments() const { return std::span(words).subspan(1); }
  /// An argument, counted from 0; empty where there are fewer.
  [[nodiscard]] std::string_view argument(std::size_t i) const {
    return i + 1 < words.size() ? std::string_view(words[i + 1].value) : std::string_view();
  }
};

/// Why nginx would not read a text.
struct Problem {
  std::size_t line = 0;  ///< from 1
  std::string what;      ///< holds nothing of the text

  bool operator==(const Problem&) const = default;
};

/// A configuration file: every byte of it, and what it says. Rules are those of nginx's own reader (1.22).
/// What surprises: quotes and `#` count only where a word begins; `}` may be inside a word; `${` does not
/// open a block; an escape that nginx does not know keeps its backslash.
struct Text {
  std::string bytes;
  std::vector<Directive> directives;
};

/// Blocks within blocks. Nothing that people write comes near it.
inline constexpr std::size_t max_depth = 100;

[[nodiscard]] std::expected<Text, Problem> parse(std::string bytes);

/// The place behind the `}` that ends the Lua that begins at `begin`; none where there is no such. Strings,
/// long brackets and comments may hold braces.
[[nodiscard]] std::optional<std::size_t> end_of_lua(std::string_view bytes, std::size_t begin);

/// How a value is written so that nginx reads it back: in quotes where it has to be.
[[nodiscard]] std::string spelt(std::string_view value);

/// The words of a directive as `spelt`, one space between them: equal for directives that say the same.
[[nodiscard]] std::string canonical(const Directive& directive);

}  // namespace tidelock::nginx
