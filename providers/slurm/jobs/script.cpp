#include "providers/slurm/jobs/script.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "providers/slurm/jobs/sbatch_options.hpp"
#include "providers/slurm/jobs/text_places.hpp"

namespace tidelock::slurm {
namespace {

/// What slurmctld takes by default (max_script_size). Beyond it is no script that people write.
constexpr std::size_t largest_script = std::size_t{4} << 20U;

/// sbatch's own white space, as isspace has it.
bool is_blank(char c) { return std::string_view(" \t\v\f\r\n").contains(c); }

struct Word {
  std::string text;
  std::size_t at = 0;
};

bool equals_lower(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// The #SBATCH lines.
class DirectiveReader {
 public:
  DirectiveReader(JobScript& script, const TextPlaces& places) : script_(script), places_(places) {}

  void read() {
    const std::string_view text = script_.file->text;
    // sbatch takes these too, wherever they are
    for (const auto* other : {"\n#PBS", "\n#BSUB", "\n#SLURM"})
      if (text.contains(other)) script_.options_count = false;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      const auto line = text.substr(at, end - at);
      if (line.starts_with("#SBATCH"))
        read_line(line, at);
      else if (!is_comment(line))
        return;
      at = end + 1;
    }
  }

  [[nodiscard]] const std::vector<Word>& words() const { return words_; }

 private:
  /// An empty line counts as one; so does a line that is a placeholder and nothing else: who knows what it
  /// will be.
  bool is_comment(std::string_view line) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    const bool placeholder = !line.empty() && placeholder_length(line) == trim(line).size();
    if (placeholder) script_.options_count = false;
    return line.empty() || line.front() == '#' || placeholder;
  }

  void read_line(std::string_view line, std::size_t line_at) {
    line_ = line;
    line_at_ = line_at;
    at_ = std::string_view("#SBATCH").size();
    for (bool first = true;; first = false) {
      while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
      if (at_ >= line_.size() || line_[at_] == '#') return;
      const auto begin = at_;
      const auto word = read_word();
      if (!word) return;
      if (first && (equals_lower(*word, "hetjob") || equals_lower(*word, "packjob"))) {
        script_.options_count = false;
        return;
      }
      if (word->empty()) return;  // sbatch takes an empty word for the end of its line
      words_.push_back({*word, line_at_ + begin});
    }
  }

  /// None, and a problem, for a quote without its end.
  std::optional<std::string> read_word() {
    std::string word;
    char quote = '\0';
    std::size_t quote_at = 0;
    for (; at_ < line_.size() && (quote != '\0' || !is_blank(line_[at_])); ++at_) {
      const char c = line_[at_];
      if (const auto length = placeholder_length(line_.substr(at_)); length > 0) {
        word += line_.substr(at_, length);
        at_ += length - 1;
      } else if (c == '\\') {
        if (at_ + 1 < line_.size()) word += line_[++at_];
      } else if (quote == '\0' && (c == '"' || c == '\'')) {
        quote = c;
        quote_at = at_;
      } else if (quote != '\0' && c == quote) {
        quote = '\0';
      } else if (quote == '\0' && c == '#') {
        break;
      } else {
        word += c;
      }
    }
    if (quote == '\0') return word;
    script_.problems.error(places_.at(line_at_ + quote_at), "Quote has no end",
                           fmt::format("sbatch refuses the script; close the {} on this line", quote));
    return std::nullopt;
  }

  JobScript& script_;
  const TextPlaces& places_;
  std::vector<Word> words_;
  std::string_view line_;
  std::size_t line_at_ = 0;
  std::size_t at_ = 0;
};

/// The words of all #SBATCH lines, as getopt_long(3) goes through them.
class OptionReader {
 public:
  OptionReader(JobScript& script, const TextPlaces& places, std::span<const Word> words)
      : script_(script), places_(places), words_(words) {}

  void read() {
    for (; at_ < words_.size() && !stopped_; ++at_) {
      const std::string_view word = words_[at_].text;
      if (placeholder_length(word) > 0)
        script_.options_count = false;
      else if (word.starts_with("--") && word.size() > 2)
        read_long(word.substr(2));
      else if (word.starts_with('-') && word.size() > 1 && word != "--")
        read_letters(word.substr(1));
      else
        refuse_word(word);
    }
  }

 private:
  void read_long(std::string_view word) {
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto* option = sbatch_option(name);
    if (option == nullptr) return pass_unknown(name, equals != std::string_view::npos);
    const bool attached = equals != std::string_view::npos;
    if (option->takes == Takes::value && !attached) return take_next(*option);
    add(*option, attached ? word.substr(equals + 1) : std::string_view{}, at_);
  }

  void read_letters(std::string_view letters) {
    for (; !letters.empty(); letters.remove_prefix(1)) {
      const auto* option = sbatch_option(letters.front());
      if (option == nullptr) return pass_value();
      if (option->takes == Takes::nothing) {
        add(*option, {}, at_);
        continue;
      }
      if (option->takes == Takes::value && letters.size() == 1) return take_next(*option);
      return add(*option, letters.substr(1), at_);
    }
  }

  void take_next(const SbatchOption& option) {
    if (at_ + 1 == words_.size()) {
      script_.problems.error(
          places_.at(words_[at_].at), "Option has no value",
          fmt::format("sbatch refuses the script: --{} needs a value behind it", option.name));
      return;
    }
    const auto option_at = at_++;
    add(option, words_[at_].text, option_at);
  }

  void add(const SbatchOption& option, std::string_view value, std::size_t word) {
    std::string_view name = option.name;
    if (name == "tasks-per-node") name = "ntasks-per-node";
    script_.options.push_back({std::string(name), std::string(value), places_.at(words_[word].at)});
  }

  /// A plugin's or a newer sbatch's, or a typing error; nobody knows whether the next word is its value.
  void pass_unknown(std::string_view name, bool attached) {
    const auto names = sbatch_option_names();
    constexpr std::size_t longest = 40;
    const bool begins_one =
        std::ranges::any_of(names, [&](const std::string& one) { return one.starts_with(name); });
    if (const auto meant = name.size() < longest && !begins_one ? closest(name, names) : std::nullopt)
      script_.problems.warning(
          places_.at(words_[at_].at), "Option is not known",
          fmt::format("--{} is no option of sbatch; did you mean --{}?", printable(name), *meant));
    if (!attached) pass_value();
  }

  void pass_value() {
    if (at_ + 1 < words_.size() && !words_[at_ + 1].text.starts_with('-')) ++at_;
  }

  void refuse_word(std::string_view word) {
    stopped_ = true;
    const bool last = word == "--" && at_ + 1 == words_.size();
    if (last) return;
    script_.problems.error(
        places_.at(words_[at_].at), "Word is no option",
        fmt::format("sbatch refuses {}: options begin with -, and a value with blanks in it "
                    "stands in quotes",
                    in_quotes(word)));
  }

  JobScript& script_;
  const TextPlaces& places_;
  std::span<const Word> words_;
  std::size_t at_ = 0;
  bool stopped_ = false;
};

/// /bin/sh, /usr/bin/env bash
bool is_for_shell(std::string_view text) {
  constexpr auto shells = std::to_array<std::string_view>({"sh", "bash", "dash", "ksh", "zsh"});
  const auto line = text.substr(0, text.find('\n'));
  return std::ranges::any_of(split(line, ' '), [&](std::string_view word) {
    return holds(shells, trim(word.substr(word.find_last_of("/!") + 1)));
  });
}

void list_placeholders(JobScript& script, const TextPlaces& places) {
  const std::string_view text = script.file->text;
  std::set<std::string> seen;
  for (auto at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 1)) {
    const auto length = placeholder_length(text.substr(at));
    if (length == 0) continue;
    auto name = placeholder_names(text.substr(at, length)).front();
    if (seen.insert(name).second) script.placeholders.push_back({std::move(name), places.at(at)});
  }
}

/// What sbatch looks at before it reads any option.
void check_text(JobScript& script, const TextPlaces& places) {
  const std::string_view text = script.file->text;
  if (!text.starts_with("#!") && placeholder_length(text) == 0)
    script.problems.error(
        places.at(0), "Script has no shebang",
        "sbatch refuses it: the first line must say which program runs the script, as #!/bin/bash");
  if (const auto dos = text.find("\r\n"); dos != std::string_view::npos)
    script.problems.error(
        places.at(dos), "Script has DOS line ends",
        "sbatch refuses it: lines end in CR LF; convert the file, as with `sed -i 's/\\r$//'`");
  if (const auto nul = text.find('\0'); nul != std::string_view::npos)
    script.problems.error(places.at(nul), "Script holds a NUL byte",
                          "sbatch refuses it; this is a binary file, or one in UTF-16");
}

}  // namespace

const JobOption* JobScript::option(std::string_view name) const {
  const auto reversed = options | std::views::reverse;
  const auto found = std::ranges::find(reversed, name, &JobOption::name);
  return found == reversed.end() ? nullptr : &*found;
}

JobScript read_job_script(std::shared_ptr<const SourceFile> file) {
  JobScript script;
  script.file = std::move(file);
  const TextPlaces places(script.file);
  check_text(script, places);
  DirectiveReader directives(script, places);
  directives.read();
  OptionReader(script, places, directives.words()).read();
  list_placeholders(script, places);
  if (script.file->text.size() > largest_script) return script;
  if (is_for_shell(script.file->text)) script.uses = read_job_body(script.file, script.problems);
  return script;
}

}  // namespace tidelock::slurm
