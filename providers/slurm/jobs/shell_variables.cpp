#include "providers/slurm/jobs/shell_variables.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

/// Looks through a whole script once, without values.
class Census final : public ShellListener {
 public:
  explicit Census(std::string_view text) : text_(text) {}

  void command(const ShellCommand& command) override {
    const auto assignments = assignments_of(text_, command);
    for (const auto& assignment : assignments.all) note(assignment);
    const auto words = std::span(command.words).subspan(assignments.program);
    if (words.size() > 1) look_at_program(words);
    inner_.read(command, *this);
  }

  std::optional<std::string> value_of(std::string_view name, std::size_t at) override {
    auto& use = all[std::string(name)];
    use.first_use = std::min(use.first_use, at);
    return std::nullopt;
  }

  void changed(std::string_view name) override { all[std::string(name)].changed = true; }

  std::map<std::string, VariableUse, std::less<>> all;

 private:
  void note(const Assignment& assignment) {
    auto& use = all[assignment.name];
    if (use.assignments++ == 0) use.first_assignment = assignment.value_at;
    use.first_assignment = std::min(use.first_assignment, assignment.value_at);
  }

  void look_at_program(std::span<const ShellWord> words) {
    constexpr auto all_words =
        std::to_array<std::string_view>({"read", "mapfile", "readarray", "getopts", "unset", "let"});
    const auto& program = words[0].text;
    if (program == "for" || program == "select") return changed(words[1].text);
    if (program == "printf" && words[1].text == "-v" && words.size() > 2) return changed(words[2].text);
    if (!holds(all_words, program)) return;
    for (const auto& word : words.subspan(1))
      for (const auto name : names_in(word.text)) changed(name);
  }

  std::string_view text_;
  InnerReader inner_{text_};
};

/// NAME=value, NAME+=value and NAME[i]=value; only the first gives a value that is known.
std::optional<Assignment> assignment_in(std::string_view text, const ShellWord& word) {
  const auto raw = text.substr(word.at.begin, word.at.end - word.at.begin);
  const auto equals = raw.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  auto name = raw.substr(0, equals);
  bool known = word.known;
  if (name.ends_with('+') || name.ends_with(']')) known = false;
  if (name.ends_with('+')) name.remove_suffix(1);
  name = name.substr(0, name.find('['));
  if (!is_variable_name(name)) return std::nullopt;
  const auto value = word.text.find('=');
  return Assignment{std::string(name), known ? word.text.substr(value + 1) : std::string(), known,
                    word.at.begin + equals + 1};
}

bool declares(std::string_view program) {
  constexpr auto words =
      std::to_array<std::string_view>({"export", "declare", "typeset", "local", "readonly"});
  return holds(words, program);
}

}  // namespace

Assignments assignments_of(std::string_view text, const ShellCommand& command) {
  Assignments result;
  const auto& words = command.words;
  const auto take = [&](const ShellWord& word) {
    auto assignment = assignment_in(text, word);
    if (!assignment) return false;
    result.all.push_back(std::move(*assignment));
    return true;
  };
  while (result.program < words.size() && take(words[result.program])) ++result.program;
  if (result.program == words.size()) return result;
  result.last = declares(words[result.program].text);
  if (result.last)
    for (std::size_t i = result.program + 1; i < words.size(); ++i) take(words[i]);
  return result;
}

std::vector<Span> inner_scripts(const ShellCommand& command) {
  constexpr auto shells = std::to_array<std::string_view>({"sh", "bash", "dash", "ksh", "zsh"});
  const auto& words = command.words;
  const auto shell = std::ranges::find_if(words, [&](const ShellWord& word) {
    return word.known && holds(shells, std::string_view(word.text).substr(word.text.rfind('/') + 1));
  });
  std::vector<Span> pieces;
  if (shell == words.end()) return pieces;
  if (command.input) pieces.push_back(*command.input);
  const auto option = std::find_if(shell, words.end(), [](const ShellWord& word) {
    return word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with('c');
  });
  if (option != words.end() && option + 1 != words.end()) pieces.push_back((option + 1)->inside);
  return pieces;
}

void InnerReader::read(const ShellCommand& command, ShellListener& listener) {
  constexpr int deepest = 4;
  if (depth_ >= deepest) return;
  ++depth_;
  for (const auto piece : inner_scripts(command)) {
    const auto size = piece.end - piece.begin;
    if (size > left_) break;
    left_ -= size;
    read_shell(text_, piece, listener);
  }
  --depth_;
}

std::map<std::string, VariableUse, std::less<>> variables_of(std::string_view script) {
  Census census(script);
  read_shell(script, {0, script.size()}, census);
  return std::move(census.all);
}

}  // namespace tidelock::slurm
