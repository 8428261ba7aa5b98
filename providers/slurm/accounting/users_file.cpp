#include "providers/slurm/accounting/users_file.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/slurm/accounting/fields.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::uint64_t most_bytes = 50'000'000;

struct Cell {
  Location at;
  std::string text;
};
using Row = std::vector<Cell>;

/// Splits one line. Quoted fields do not run over its end: no name here needs that.
class RowReader {
 public:
  RowReader(std::shared_ptr<const SourceFile> file, std::uint32_t line, std::string_view text)
      : file_(std::move(file)), line_(line), text_(text) {}

  /// None when a quote has no end.
  std::optional<Row> read() && {
    Row row;
    while (true) {
      while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
      Cell cell{{file_, line_, static_cast<std::uint32_t>(at_ + 1)}, {}};
      const bool quoted = at_ < text_.size() && text_[at_] == '"';
      if (quoted ? !take_quoted(cell.text) : !take_plain(cell.text)) return std::nullopt;
      row.push_back(std::move(cell));
      if (at_ >= text_.size()) return row;
      ++at_;  // the comma
    }
  }

 private:
  bool take_plain(std::string& text) {
    const auto end = std::min(text_.find(',', at_), text_.size());
    text = trim(text_.substr(at_, end - at_));
    at_ = end;
    return true;
  }

  bool take_quoted(std::string& text) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '"') {
        text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        text += text_[++at_];
      } else {
        at_ = std::min(text_.find(',', at_), text_.size());
        return true;
      }
    }
    return false;
  }

  std::shared_ptr<const SourceFile> file_;
  std::uint32_t line_;
  std::string_view text_;
  std::size_t at_ = 0;
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : split(text, ' '))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

Node scalar(const Location& at, std::string text, bool quoted) {
  Node::Scalar scalar;
  scalar.text = std::move(text);
  scalar.quoted = quoted;
  return {at, std::move(scalar)};
}

/// A field as the manifest would have it: a scalar, a list or a map.
Node node_of(const Field& field, const Cell& cell) {
  if (field.form == Form::names || field.form == Form::words) {
    Node::Sequence items;
    for (auto& word : words_of(cell.text)) items.push_back(scalar(cell.at, word, true));
    return {cell.at, std::move(items)};
  }
  if (field.form == Form::tres) {
    Node::Map amounts;
    for (const auto& word : words_of(cell.text)) {
      const auto equals = std::min(word.find('='), word.size());
      const auto count = word.substr(std::min(equals + 1, word.size()));
      amounts.push_back({word.substr(0, equals), cell.at, scalar(cell.at, count, false)});
    }
    return {cell.at, std::move(amounts)};
  }
  return scalar(cell.at, cell.text, false);
}

class UsersFile {
 public:
  UsersFile(const Node& path, Diagnostics& diagnostics) : path_(path), diagnostics_(diagnostics) {}

  std::vector<Node::Entry> read() && {
    if (!open()) return {};
    std::uint32_t number = 0;
    for (const auto line : split(file_->text, '\n')) {
      ++number;
      auto text = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
      if (trim(text).empty() || text.starts_with('#')) continue;
      auto row = RowReader(file_, number, text).read();
      if (!row)
        diagnostics_.error({file_, number, 1}, "Line cannot be read", "a quote in it has no end");
      else if (columns_.empty())
        take_head(*row);
      else
        take_line(*row);
      if (broken_) return {};
    }
    return assembled();
  }

 private:
  struct User {
    Location at;
    Node::Map keys;
    Node::Map accounts;
  };

  bool open() {
    const auto path = local_path(path_);
    auto text = read_file(path, most_bytes);
    if (!text) {
      diagnostics_.error(path_.at(), text.error().summary, text.error().detail);
      return false;
    }
    auto file = std::make_shared<SourceFile>();
    file->name = std::filesystem::path(path_.at().file->name).parent_path() / path_.text();
    file->directory = path.parent_path();
    file->text = *std::move(text);
    file_ = std::move(file);
    if (is_utf8(file_->text)) return true;
    diagnostics_.error(path_.at(), "File is not UTF-8", shown(file_->name));
    return false;
  }

  void take_head(const Row& row) {
    std::vector<std::string> known{"user", "account"};
    for (const auto& field : user_fields()) known.emplace_back(field.key);
    for (const auto& field : association_fields()) known.emplace_back(field.key);
    for (const auto& cell : row) {
      if (!holds(known, cell.text)) {
        const auto near = closest(cell.text, known);
        diagnostics_.error(cell.at, "Unknown column",
                           fmt::format("{} is no key of a user or of its accounts{}", shown(cell.text),
                                       near ? fmt::format("; did you mean {}?", *near) : ""));
        broken_ = true;
      }
      columns_.push_back(cell.text);
    }
    for (const auto* needed : {"user", "account"})
      if (!holds(columns_, std::string(needed))) {
        diagnostics_.error(row.front().at, "Column is missing",
                           fmt::format("the first line has to name a column {}", needed));
        broken_ = true;
      }
  }

  void take_line(const Row& row) {
    if (row.size() != columns_.size())
      return diagnostics_.error(
          row.front().at, "Line has another number of fields",
          fmt::format("{} instead of {}, as the first line names", row.size(), columns_.size()));
    const auto* user = cell(row, "user");
    const auto* account = cell(row, "account");
    if (!is_name(*user) || !is_name(*account)) return;
    auto [at, fresh] = users_.try_emplace(lower_case(user->text));
    if (fresh) order_.push_back(at->first);
    if (fresh) at->second.at = user->at;
    Node::Map keys;
    for (std::size_t i = 0; i < row.size(); ++i) take_cell(columns_[i], row[i], at->second, keys);
    at->second.accounts.push_back({account->text, account->at, Node(account->at, std::move(keys))});
  }

  void take_cell(const std::string& column, const Cell& cell, User& user, Node::Map& keys) {
    if (column == "user" || column == "account" || cell.text.empty()) return;
    const auto* of_user = find_field("slurm_user", column);
    const auto* field = of_user == nullptr ? find_field("slurm_association", column) : of_user;
    auto node = node_of(*field, cell);
    if (!is_right(*field, node)) return;
    if (of_user == nullptr)
      keys.push_back({column, cell.at, std::move(node)});
    else
      set_once(column, cell, std::move(node), user);
  }

  void set_once(const std::string& column, const Cell& cell, Node node, User& user) {
    const auto earlier = std::ranges::find(user.keys, column, &Node::Entry::key);
    if (earlier == user.keys.end())
      user.keys.push_back({column, cell.at, std::move(node)});
    else if (earlier->value.text() != cell.text)
      diagnostics_.error(cell.at, "Lines contradict each other",
                         fmt::format("another {} was given to this user", column),
                         {{earlier->key_at, "here"}});
  }

  [[nodiscard]] const Cell* cell(const Row& row, std::string_view column) const {
    const auto at = std::ranges::find(columns_, column);
    return &row[static_cast<std::size_t>(at - columns_.begin())];
  }

  bool is_name(const Cell& cell) {
    const auto& type = value_type("slurm_name");
    const auto name = type.parse({.text = cell.text, .quoted = true});
    if (!name) diagnostics_.error(cell.at, fmt::format("{} is not valid", type.title), name.error());
    return name.has_value();
  }

  /// What the schema would say of such a value in the manifest.
  bool is_right(const Field& field, const Node& node) {
    const auto fault = fault_of(field, node);
    if (!fault) return true;
    diagnostics_.error(node.at(), fault->first, fault->second);
    return false;
  }

  const Node& path_;
  Diagnostics& diagnostics_;
  std::shared_ptr<const SourceFile> file_;
  std::vector<std::string> columns_;
  std::map<std::string, User, std::less<>> users_;
  std::vector<std::string> order_;
  bool broken_ = false;

  std::vector<Node::Entry> assembled() {
    std::vector<Node::Entry> entries;
    for (const auto& name : order_) {
      auto& user = users_.find(name)->second;
      user.keys.push_back({"accounts", user.at, Node(user.at, std::move(user.accounts))});
      entries.push_back({name, user.at, Node(user.at, std::move(user.keys))});
    }
    return entries;
  }
};

}  // namespace

std::vector<Node::Entry> read_users(const Node& path, Diagnostics& diagnostics) {
  return UsersFile(path, diagnostics).read();
}

}  // namespace tidelock::slurm
