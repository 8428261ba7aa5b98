#include "providers/slurm/configuration/edit.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/configuration/logical_line.hpp"
#include "providers/slurm/configuration/query.hpp"
#include "providers/slurm/configuration/splice.hpp"

namespace tidelock::slurm {
namespace {

constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

constexpr bool begins_word(std::string_view key, std::size_t i) {
  return is_upper(key[i]) && !is_upper(key[i - 1]);
}

/// A key without its last word: SlurmctldPort gives Slurmctld. Empty for a key of one word.
std::string_view without_last_word(std::string_view key) {
  if (key.empty()) return {};
  auto i = key.size() - 1;
  while (i > 0 && !begins_word(key, i)) --i;
  return key.substr(0, i);
}

/// Whether a key begins with these words; Slurmd is no beginning of SlurmdbdHost.
bool begins_with_words(std::string_view key, std::string_view words) {
  return same_word(key.substr(0, words.size()), words) &&
         (key.size() == words.size() || !is_lower(key[words.size()]));
}

/// The end of the last parameter that shares most words with a key.
std::optional<std::size_t> end_of_family(const ConfigurationText& configuration, std::string_view key) {
  for (auto words = key; !words.empty(); words = without_last_word(words))
    for (const auto& statement : std::views::reverse(configuration.statements()))
      if (statement.sort == Sort::parameter && begins_with_words(statement.pairs.front().key, words))
        return statement.at.end;
  return std::nullopt;
}

/// Where the comments begin that stand right above a record; the record when there are none. A comment that
/// ends a continued line is part of that line.
std::size_t begin_of_comments(std::string_view text, std::size_t record) {
  LogicalLines lines(text.substr(0, record));
  LogicalLine line;
  auto begin = record;
  while (lines.next(line)) {
    const auto raw = trim(line.text.substr(line.at.begin, line.at.end - line.at.begin));
    if (!raw.starts_with('#'))
      begin = record;
    else if (begin == record)
      begin = line.at.begin;
  }
  return begin;
}

/// Where a new parameter goes that has no relatives.
std::size_t begin_of_records(const ConfigurationText& configuration) {
  std::size_t end_of_parameters = 0;
  for (const auto& statement : configuration.statements()) {
    if (is_record(statement.sort))
      return end_of_parameters > 0 ? end_of_parameters
                                   : begin_of_comments(configuration.text(), statement.at.begin);
    if (statement.sort == Sort::parameter) end_of_parameters = statement.at.end;
  }
  return end_of_parameters > 0 ? end_of_parameters : configuration.text().size();
}

Result<void> check_parameter(const ConfigurationText& configuration, std::string_view key,
                             std::span<const std::size_t> found) {
  if (!is_key(key)) return no_edit(fmt::format("{} is no key", shown(key)));
  if (is_record(sort_of(key, configuration.dialect())))
    return no_edit(fmt::format("{} begins a record and is no parameter", key));
  for (const auto i : found)
    if (const auto& statement = configuration.statements()[i]; !statement.sound)
      return no_edit(statement, "not all of it was understood");
  return {};
}

Result<void> replace_value(std::vector<Splice>& splices, const Statement& statement, std::string_view value) {
  const auto& pair = statement.pairs.front();
  const auto written = written_value(value, pair.quoted);
  if (!written) return std::unexpected(written.error());
  if (pair.value != value) replace(splices, statement, pair.value_at, *written);
  return {};
}

Result<std::vector<std::string>> lines_for(std::string_view key, std::span<const std::string> values) {
  std::vector<std::string> lines;
  for (const auto& value : values) {
    const auto written = written_value(value);
    if (!written) return std::unexpected(written.error());
    lines.push_back(fmt::format("{}={}", key, *written));
  }
  return lines;
}

bool says_the_same(const Statement& record, std::span<const Setting> settings) {
  return std::ranges::equal(record.pairs, settings, [](const Pair& pair, const Setting& setting) {
    return same_word(pair.key, setting.key) && pair.value == setting.value;
  });
}

/// Whether Slurm refuses two records that begin alike.
bool is_unique(Sort sort) { return sort != Sort::gres && sort != Sort::down_nodes; }

Result<std::string> record_text(std::span<const Setting> settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    if (!is_key(key) || !value) return no_edit(fmt::format("{} needs a key and a value", shown(key)));
    const auto written = written_value(*value);
    if (!written) return written;
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, *written);
  }
  return text;
}

}  // namespace

Result<std::string> written_value(std::string_view value, bool quoted) {
  std::string out;
  for (const char c : value) {
    if (c == '"') return no_edit("a value with a double quote cannot be written");
    if ((c >= '\0' && c < ' ' && c != '\t') || c == '\x7f')
      return no_edit("a value with a control character cannot be written");
    if (c == '#' || c == '\\') out += '\\';
    out += c;
    quoted = quoted || is_space(c);
  }
  return quoted || out.empty() ? '"' + out + '"' : out;
}

Result<ConfigurationText> set_parameter(const ConfigurationText& configuration, std::string_view key,
                                        std::string_view value) {
  const std::vector values{std::string(value)};
  const auto found = parameters(configuration, key);
  if (is_list_parameter(key) || found.empty()) return set_parameter_list(configuration, key, values);
  if (auto checked = check_parameter(configuration, key, std::span(found).last(1)); !checked)
    return std::unexpected(checked.error());
  std::vector<Splice> splices;
  if (auto done = replace_value(splices, configuration.statements()[found.back()], value); !done)
    return std::unexpected(done.error());
  return spliced(configuration, std::move(splices));
}

Result<ConfigurationText> set_parameter_list(const ConfigurationText& configuration, std::string_view key,
                                             std::span<const std::string> values) {
  const auto found = parameters(configuration, key);
  if (auto checked = check_parameter(configuration, key, found); !checked)
    return std::unexpected(checked.error());
  std::vector<Splice> splices;
  const auto kept = std::min(found.size(), values.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& statement = configuration.statements()[found[i]];
    if (i >= kept)
      splices.push_back({statement.at, ""});
    else if (auto done = replace_value(splices, statement, values[i]); !done)
      return std::unexpected(done.error());
  }
  const auto place = found.empty()
                         ? end_of_family(configuration, key).value_or(begin_of_records(configuration))
                         : configuration.statements()[found.back()].at.end;
  const auto added = lines_for(key, values.subspan(kept));
  if (!added) return std::unexpected(added.error());
  splices.push_back(new_lines(configuration, place, *added));
  return spliced(configuration, std::move(splices));
}

Result<ConfigurationText> remove_parameter(const ConfigurationText& configuration, std::string_view key) {
  return set_parameter_list(configuration, key, {});
}

Result<ConfigurationText> change_record(const ConfigurationText& configuration, std::size_t statement,
                                        std::span<const Setting> settings) {
  auto splices = record_splices(configuration, statement, settings);
  if (!splices) return std::unexpected(splices.error());
  return spliced(configuration, *std::move(splices));
}

Result<ConfigurationText> add_record(const ConfigurationText& configuration,
                                     std::span<const Setting> settings) {
  const auto sort = settings.empty() ? Sort::unclear : sort_of(settings.front().key, configuration.dialect());
  if (!is_record(sort)) return no_edit("a record begins with another key");
  const auto text = record_text(settings);
  if (!text) return std::unexpected(text.error());
  auto place = configuration.text().size();
  for (const auto i : statements_of(configuration, sort)) {
    const auto& record = configuration.statements()[i];
    if (says_the_same(record, settings)) return configuration;
    if (is_unique(sort) && !is_default(record) && record.pairs.front().value == settings.front().value)
      return no_edit(record, "it begins with the same key and value");
    place = record.at.end;
  }
  return spliced(configuration, {new_lines(configuration, place, std::span(&*text, 1))});
}

Result<ConfigurationText> remove_record(const ConfigurationText& configuration, std::size_t statement) {
  if (statement >= configuration.statements().size()) return no_edit("there is no such record");
  const auto& record = configuration.statements()[statement];
  if (!is_record(record.sort) || !record.sound) return no_edit(record, "it is no record that was understood");
  return spliced(configuration, {{record.at, ""}});
}

}  // namespace tidelock::slurm
