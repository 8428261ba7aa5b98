#include "providers/slurm/configuration/splice.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/configuration/query.hpp"

namespace tidelock::slurm {
namespace {

bool has_crlf(std::string_view text, std::size_t newline) {
  return newline != std::string_view::npos && newline > 0 && text[newline - 1] == '\r';
}

/// Of the line before, or, for the first line, of the first line there is.
std::string_view line_end(std::string_view text, std::size_t offset) {
  const auto before = offset == 0 ? text.find('\n') : text.rfind('\n', offset - 1);
  return has_crlf(text, before) ? "\r\n" : "\n";
}

/// Collects what is to be changed in one record.
class RecordEdit {
 public:
  explicit RecordEdit(const Statement& record) : record_(record) {}

  Result<void> apply(const Setting& setting);
  std::vector<Splice> take() &&;

 private:
  void remove(std::string_view key);
  Result<void> set(std::string_view key, std::string_view value);

  const Statement& record_;
  std::vector<Splice> splices_;
  std::string added_;
};

void RecordEdit::remove(std::string_view key) {
  for (std::size_t i = 1; i < record_.pairs.size(); ++i)
    if (same_word(record_.pairs[i].key, key))
      replace(splices_, record_, {record_.pairs[i - 1].at.end, record_.pairs[i].at.end}, "");
}

Result<void> RecordEdit::set(std::string_view key, std::string_view value) {
  const auto* pair = find_pair(record_, key);
  const auto written = written_value(value, pair != nullptr && pair->quoted);
  if (!written) return std::unexpected(written.error());
  if (pair == nullptr)
    added_ += fmt::format(" {}={}", key, *written);
  else if (pair->value != value)
    replace(splices_, record_, pair->value_at, *written);
  return {};
}

Result<void> RecordEdit::apply(const Setting& setting) {
  if (!is_key(setting.key)) return no_edit(fmt::format("{} is no key", shown(setting.key)));
  if (setting.value) return set(setting.key, *setting.value);
  if (same_word(setting.key, record_.pairs.front().key))
    return no_edit(record_, fmt::format("a record cannot be without {}", setting.key));
  remove(setting.key);
  return {};
}

std::vector<Splice> RecordEdit::take() && {
  const auto end = record_.pairs.back().at.end;
  if (!added_.empty()) splices_.push_back({{end, end}, std::move(added_)});
  return std::move(splices_);
}

}  // namespace

Result<ConfigurationText> spliced(const ConfigurationText& configuration, std::vector<Splice> splices) {
  std::ranges::stable_sort(splices, {}, [](const Splice& splice) { return splice.at.begin; });
  const std::string_view text = configuration.text();
  std::string out;
  std::size_t done = 0;
  for (const auto& [at, replacement] : splices) {
    out.append(text.substr(done, at.begin - done)).append(replacement);
    done = at.end;
  }
  out.append(text.substr(done));
  auto changed = ConfigurationText::parse(std::move(out), configuration.dialect());
  if (changed.text().size() > max_configuration_text) return no_edit("the text is too long");
  if (changed.problems().size() > configuration.problems().size())
    return no_edit("Slurm would not read it: " + changed.problems().back().what);
  return changed;
}

void replace(std::vector<Splice>& splices, const Statement& statement, Range at, std::string text) {
  auto keep = std::ranges::lower_bound(statement.comments, at.begin, {}, &Range::begin);
  for (; keep != statement.comments.end() && keep->end <= at.end; ++keep) {
    splices.push_back({{at.begin, keep->begin}, std::exchange(text, {})});
    at.begin = keep->end;
  }
  splices.push_back({at, std::move(text)});
}

Splice new_lines(const ConfigurationText& configuration, std::size_t offset,
                 std::span<const std::string> lines) {
  if (lines.empty()) return {{offset, offset}, ""};
  const std::string_view text = configuration.text();
  const auto end = line_end(text, offset);
  std::string out;
  if (offset > 0 && text[offset - 1] != '\n') out += end;
  if (offset == text.size() && configuration.open()) out += end;
  for (const auto& line : lines) out.append(line).append(end);
  return {{offset, offset}, std::move(out)};
}

Result<std::vector<Splice>> record_splices(const ConfigurationText& configuration, std::size_t statement,
                                           std::span<const Setting> settings) {
  if (statement >= configuration.statements().size()) return no_edit("there is no such record");
  const auto& record = configuration.statements()[statement];
  if (!is_record(record.sort) || !record.sound) return no_edit(record, "it is no record that was understood");
  RecordEdit edit(record);
  std::set<std::string> keys;
  for (const auto& setting : settings) {
    if (!keys.insert(lower_case(setting.key)).second)
      return no_edit(fmt::format("{} is asked for twice", shown(setting.key)));
    if (auto applied = edit.apply(setting); !applied) return std::unexpected(applied.error());
  }
  return std::move(edit).take();
}

std::unexpected<Error> no_edit(std::string detail) {
  return failure("Configuration cannot be changed so", std::move(detail));
}

std::unexpected<Error> no_edit(const Statement& statement, std::string_view why) {
  return no_edit(fmt::format("line {}: {}", statement.line, why));
}

}  // namespace tidelock::slurm
