#include "engine/report/diagnostic_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

constexpr std::size_t widest_excerpt = 120;

/// A long line is cut around the caret.
struct Excerpt {
  std::string line;
  std::size_t caret = 0;
};

Excerpt excerpt_of(const Location& at) {
  const auto line = at.file->line(at.line);
  const std::size_t column = std::min<std::size_t>(at.column == 0 ? 0 : at.column - 1, line.size());
  const std::size_t first =
      column > widest_excerpt / 2 && line.size() > widest_excerpt ? column - widest_excerpt / 2 : 0;
  const auto before = printable(line.substr(first, column - first));
  const auto after =
      printable(line.substr(column, widest_excerpt - std::min(widest_excerpt, column - first)));
  return {before + after, before.size()};
}

std::string indented(std::string_view text, std::string_view margin) {
  std::string out;
  for (const auto line : split(text, '\n')) out += fmt::format("{}{}\n", margin, line);
  return out;
}

std::string excerpt_text(const Location& at, const Style& style) {
  if (!at.known() || at.line == 0) return {};
  const auto excerpt = excerpt_of(at);
  const auto number = fmt::format("{:>5}", at.line);
  return fmt::format("{} | {}\n{} | {}{}\n", style.dim(number), excerpt.line, std::string(number.size(), ' '),
                     std::string(excerpt.caret, ' '), style.red("^"));
}

std::string place(const Location& at) {
  const auto text = to_string(at);
  return text.empty() ? text : text + ": ";
}

std::string diagnostic_text(const Diagnostic& diagnostic, const Style& style) {
  const auto label = diagnostic.severity == Severity::warning ? style.yellow("warning") : style.red("error");
  std::string out =
      fmt::format("{}{}: {}\n", style.bold(place(diagnostic.at)), label, style.bold(diagnostic.summary));
  if (!diagnostic.detail.empty()) out += indented(diagnostic.detail, "  ");
  out += excerpt_text(diagnostic.at, style);
  for (const auto& note : diagnostic.notes)
    out += fmt::format("{}{}: {}\n{}", style.bold(place(note.at)), style.cyan("note"), note.text,
                       excerpt_text(note.at, style));
  return out;
}

}  // namespace

std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style) {
  std::string out;
  const auto sorted = diagnostics.sorted();
  for (const auto& diagnostic : sorted) out += diagnostic_text(diagnostic, style);
  const auto warnings =
      static_cast<std::size_t>(std::ranges::count(sorted, Severity::warning, &Diagnostic::severity));
  const auto errors = sorted.size() - warnings;
  if (errors > 0) out += count_of(errors, "error");
  if (warnings > 0) out += (errors > 0 ? ", " : "") + count_of(warnings, "warning");
  return sorted.empty() ? out : out + ".\n";
}

std::string error_text(const Error& error, const Style& style) {
  std::string out = fmt::format("{}: {}\n", style.red("error"), style.bold(error.summary));
  if (!error.detail.empty()) out += indented(error.detail, "  ");
  if (!error.advice.empty()) out += indented(error.advice, "  ");
  return out;
}

}  // namespace tidelock
