#include "engine/manifest/yaml.hpp"

#include <algorithm>
#include <array>
#include <spanstream>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/node.h>
#include <yaml-cpp/parser.h>

#include "engine/base/text.hpp"
#include "engine/manifest/yaml_tree.hpp"

namespace tidelock {
namespace {

Location place_of(const std::shared_ptr<const SourceFile>& source, std::size_t offset) {
  const auto before = std::string_view(source->text).substr(0, offset);
  const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {source, static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1,
          static_cast<std::uint32_t>(offset - line_start) + 1};
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F;
}

/// yaml-cpp skips a byte 0x04 without a word and takes UTF-16 for what it looks like: neither gets there.
bool check_text(const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics) {
  const std::string_view text = source->text;
  if (const auto* found = std::ranges::find_if(text, is_control); found != text.end()) {
    const auto offset = static_cast<std::size_t>(found - text.begin());
    diagnostics.error(place_of(source, offset), "Control character",
                      fmt::format("byte {:#04x} cannot stand in YAML: is this a text file in UTF-8?",
                                  static_cast<unsigned char>(*found)));
    return false;
  }
  const auto valid = valid_utf8(text);
  if (valid == text.size()) return true;
  diagnostics.error(place_of(source, valid), "File is not UTF-8",
                    "save the file in UTF-8; the text after this place is in another encoding");
  return false;
}

struct Explanation {
  std::string_view from;  ///< yaml-cpp's message, or how it begins
  std::string_view to;
};

std::string explanation(std::string_view message) {
  using namespace YAML;
  static const std::array table{
      Explanation{ErrorMsg::END_OF_MAP_FLOW, "this { is not closed by its }"},
      Explanation{ErrorMsg::END_OF_SEQ_FLOW, "this [ is not closed by its ]"},
      Explanation{ErrorMsg::END_OF_MAP, "this does not belong to the map above; check the indentation"},
      Explanation{ErrorMsg::END_OF_SEQ, "this does not belong to the list above; check the indentation"},
      Explanation{
          ErrorMsg::MAP_VALUE,
          "a key cannot stand here; check the indentation, and put a text that holds \": \" in quotes"},
      Explanation{ErrorMsg::MAP_KEY, "a key cannot stand here; check the indentation"},
      Explanation{ErrorMsg::BLOCK_ENTRY, "a list cannot begin here; check the indentation"},
      Explanation{ErrorMsg::TAB_IN_INDENTATION, "tabs cannot indent; write spaces"},
      Explanation{ErrorMsg::FLOW_END, "a } or ] without its beginning"},
      Explanation{ErrorMsg::UNKNOWN_TOKEN,
                  "a value cannot begin with this character; put the text in quotes"},
      Explanation{ErrorMsg::UNKNOWN_ANCHOR,
                  "no anchor of this name stands before; put a text that begins with * in quotes"},
      Explanation{ErrorMsg::INVALID_ESCAPE,
                  "double quotes do not know this escape; write \\\\ for a backslash, or use single quotes"},
      Explanation{ErrorMsg::EOF_IN_SCALAR, "a quote is not closed"},
      Explanation{ErrorMsg::DOC_IN_SCALAR, "--- or ... inside of quotes; is a quote above not closed?"},
      Explanation{ErrorMsg::CHAR_IN_BLOCK, "only a comment may follow | and > on their line"},
  };
  const auto* known =
      std::ranges::find_if(table, [&](const Explanation& e) { return message.starts_with(e.from); });
  return known == table.end() ? std::string(message) : std::string(known->to);
}

bool begins_with_tab(std::string_view line) {
  const auto first = line.find_first_not_of(" \t");
  return line.substr(0, first).contains('\t');
}

/// The text behind a scalar's tag and anchor.
std::size_t skip_properties(std::string_view text, std::size_t offset) {
  for (;;) {
    offset = text.find_first_not_of(" \t\r\n", offset);
    if (offset == std::string_view::npos) return text.size();
    if (text[offset] != '!' && text[offset] != '&') return offset;
    offset = text.find_first_of(" \t\r\n", offset);
    if (offset == std::string_view::npos) return text.size();
  }
}

/// A scalar in quotes, as offsets; without its end where the file ends first.
struct QuotedText {
  std::size_t open = 0;
  std::optional<std::size_t> close;
};

std::optional<QuotedText> quoted_text(std::string_view text, std::size_t scalar) {
  const auto open = skip_properties(text, scalar);
  if (open >= text.size() || (text[open] != '"' && text[open] != '\'')) return std::nullopt;
  const char quote = text[open];
  for (auto i = open + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      const bool doubled = quote == '\'' && i + 1 < text.size() && text[i + 1] == quote;
      if (!doubled) return QuotedText{.open = open, .close = i};
      ++i;
    }
  }
  return QuotedText{.open = open, .close = std::nullopt};
}

/// A missing quote is noticed at the next one, lines below: the place to look at is where the text began.
std::vector<Note> note_long_quote(const std::shared_ptr<const SourceFile>& source, std::size_t last_scalar) {
  const std::string_view text = source->text;
  const auto quoted = quoted_text(text, last_scalar);
  if (!quoted || !quoted->close || !text.substr(quoted->open, *quoted->close - quoted->open).contains('\n'))
    return {};
  return {{place_of(source, quoted->open),
           "the text in quotes that begins here ends lines below; is that meant?"}};
}

/// Whether a bracket stands right behind a text, as in 10.0.0.[1-9] or ${name}: fine in a line of its own,
/// but not inside of brackets.
bool bracket_in_text(std::string_view text, int offset) {
  if (offset < 1 || static_cast<std::size_t>(offset) >= text.size()) return false;
  const auto at = static_cast<std::size_t>(offset);
  return (text[at] == '[' || text[at] == '{') && !std::string_view(" \t\r\n,:[{").contains(text[at - 1]);
}

void report_syntax(const YAML::Exception& error, const YamlTree& tree, Diagnostics& diagnostics) {
  auto at = tree.at(error.mark);
  if (tree.open_bracket() && bracket_in_text(at.file->text, error.mark.pos)) {
    diagnostics.error(at, "YAML syntax error",
                      "inside of { } and [ ], a text that holds brackets or ${name} has to be in quotes");
    return;
  }
  const bool unclosed =
      error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW || error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW;
  if (auto bracket = tree.open_bracket(); unclosed && bracket) at = std::move(*bracket);
  const bool tab = !unclosed && begins_with_tab(at.file->line(at.line));
  diagnostics.error(at, "YAML syntax error",
                    tab ? "tabs cannot indent; write spaces" : explanation(error.msg),
                    note_long_quote(at.file, tree.last_scalar()));
}

bool parse(const std::shared_ptr<const SourceFile>& source, YamlTree& tree, Diagnostics& diagnostics) {
  std::ispanstream stream(std::span(source->text.data(), source->text.size()));
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(tree)) parser.HandleNextDocument(tree);
    return true;
  } catch (const YAML::Exception& error) {
    report_syntax(error, tree, diagnostics);
  } catch (const ReadingStopped&) {
    return false;  // said already
  }
  return false;
}

}  // namespace

std::optional<Node> read_yaml(const std::shared_ptr<const SourceFile>& source, Budget& budget,
                              Diagnostics& diagnostics) {
  if (!check_text(source, diagnostics)) return std::nullopt;
  YamlTree tree(source, budget, diagnostics);
  if (!parse(source, tree, diagnostics)) return std::nullopt;
  // yaml-cpp takes the end of the file for a closing quote. Such a text is always the last.
  const auto last = quoted_text(source->text, tree.last_scalar());
  if (!last || last->close) return tree.root();
  diagnostics.error(place_of(source, last->open), "YAML syntax error", "this quote is not closed");
  return std::nullopt;
}

}  // namespace tidelock
