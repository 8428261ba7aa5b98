#include "providers/slurm/configuration/node_lines.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/configuration/logical_line.hpp"
#include "providers/slurm/configuration/query.hpp"
#include "providers/slurm/configuration/splice.hpp"

namespace tidelock::slurm {
namespace {

using Names = std::vector<std::string>;
using Chosen = std::set<std::string, std::less<>>;

/// Blanks and repeated separators become single commas; those in brackets stay.
std::string with_commas(std::string_view text) {
  std::string out;
  bool inside = false;
  bool separator = false;
  for (const char c : text) {
    const bool separates = !inside && (c == ',' || c == ' ' || c == '\t');
    if (!separates && separator && !out.empty()) out += ',';
    separator = separates;
    if (separates) continue;
    inside = c == '[' || (inside && c != ']');
    out += c;
  }
  return out;
}

/// Something behind the last bracket of a name.
bool has_tail(std::string_view list) {
  for (std::size_t close = list.find(']'); close != std::string_view::npos;
       close = list.find(']', close + 1)) {
    const auto next = list.find_first_of(",[", close);
    const auto end = std::min(next, list.size());
    if (end > close + 1 && (end == list.size() || list[end] == ',')) return true;
  }
  return false;
}

bool is_node_line(const Statement& statement) {
  const bool node = statement.sort == Sort::node && !is_default(statement);
  return node || (statement.sort == Sort::gres && same_word(statement.pairs.front().key, "NodeName"));
}

Result<Names> names_of(const Statement& statement) {
  auto names = expand_node_names(statement.pairs.front().value);
  if (!names) return no_edit(statement, one_line(names.error()));
  return names;
}

/// Slurm puts brackets around a list of ports that has none.
std::string port_list(const std::string& value) {
  const bool bare = !value.starts_with('[') && value.find_first_of(",-") != std::string::npos;
  return bare ? '[' + value + ']' : value;
}

/// A line that is cut in two.
class Split {
 public:
  Split(const ConfigurationText& configuration, std::size_t statement, const Defaults& defaults, Names names,
        const Chosen& chosen)
      : configuration_(configuration),
        record_(configuration.statements()[statement]),
        statement_(statement),
        defaults_(defaults),
        names_(std::move(names)),
        chosen_(chosen) {}

  /// The first line keeps the nodes that are not chosen; the second gets `settings` as well.
  Result<std::vector<Splice>> splices(std::span<const Setting> settings);

 private:
  Result<void> divide();
  Result<void> divide_list(std::string_view key);
  void divide_items(const std::string& key, const Names& items);
  [[nodiscard]] Result<std::string> second_line(std::span<const Setting> settings) const;

  const ConfigurationText& configuration_;
  const Statement& record_;
  std::size_t statement_;
  const Defaults& defaults_;
  Names names_;
  const Chosen& chosen_;
  std::vector<Setting> kept_;
  std::vector<Setting> moved_;
};

void Split::divide_items(const std::string& key, const Names& items) {
  Names kept;
  Names moved;
  for (std::size_t i = 0; i < names_.size(); ++i)
    (chosen_.contains(names_[i]) ? moved : kept).push_back(items[i]);
  kept_.push_back({key, fold_node_names(kept)});
  moved_.push_back({key, fold_node_names(moved)});
}

/// One item stands for every node; more have to be one for each (`expand_nodeline_info` in Slurm's
/// src/common/node_conf.c). Further addresses than there are nodes are of no use, and dropped.
Result<void> Split::divide_list(std::string_view key) {
  const auto effective = defaults_.value(configuration_, statement_, key);
  if (!effective.value) return {};
  const auto items = expand_node_names(key == "Port" ? port_list(*effective.value) : *effective.value);
  if (!items) return no_edit(record_, fmt::format("{}: {}", key, one_line(items.error())));
  if (items->size() == 1) return {};
  if (items->size() < names_.size())
    return no_edit(
        record_, fmt::format("{} has {} items for {}", key, items->size(), count_of(names_.size(), "node")));
  if (effective.from != statement_)
    return no_edit(record_, fmt::format("{} comes as a list from a DEFAULT record", key));
  divide_items(std::string(key), *items);
  return {};
}

Result<void> Split::divide() {
  divide_items(record_.pairs.front().key, names_);
  if (record_.sort != Sort::node) return {};
  constexpr std::array<std::string_view, 4> lists{"NodeAddr", "NodeHostname", "BcastAddr", "Port"};
  for (const auto key : lists)
    if (auto divided = divide_list(key); !divided) return divided;
  return {};
}

/// The record as it is written, its comment aside, with other values.
Result<std::string> Split::second_line(std::span<const Setting> settings) const {
  const auto copy = ConfigurationText::parse(
      configuration_.text().substr(record_.at.begin, record_.pairs.back().at.end - record_.at.begin),
      configuration_.dialect());
  const auto moved = change_record(copy, 0, moved_);
  if (!moved) return std::unexpected(moved.error());
  const auto changed = change_record(*moved, 0, settings);
  if (!changed) return std::unexpected(changed.error());
  return changed->text();
}

Result<std::vector<Splice>> Split::splices(std::span<const Setting> settings) {
  if (auto divided = divide(); !divided) return std::unexpected(divided.error());
  auto splices = record_splices(configuration_, statement_, kept_);
  if (!splices) return splices;
  const auto line = second_line(settings);
  if (!line) return std::unexpected(line.error());
  splices->push_back(new_lines(configuration_, record_.at.end, std::span(&*line, 1)));
  return splices;
}

/// Changes nodes line by line.
class NodeEdit {
 public:
  explicit NodeEdit(const ConfigurationText& configuration)
      : configuration_(configuration), defaults_(configuration) {}

  /// Changes the chosen nodes of one line.
  Result<void> change(std::size_t statement, const Chosen& chosen, std::span<const Setting> settings);
  /// Gives them a line, whether anything is to be set or not.
  Result<void> split(std::size_t statement, const Chosen& chosen, std::span<const Setting> settings);
  [[nodiscard]] Result<ConfigurationText> take() && { return spliced(configuration_, std::move(splices_)); }

 private:
  [[nodiscard]] bool says(std::size_t statement, const Setting& setting) const;

  const ConfigurationText& configuration_;
  Defaults defaults_;
  std::vector<Splice> splices_;
};

bool NodeEdit::says(std::size_t statement, const Setting& setting) const {
  if (!setting.value) return find_pair(configuration_.statements()[statement], setting.key) == nullptr;
  const auto effective = defaults_.value(configuration_, statement, setting.key);
  return effective.certain && effective.value == setting.value;
}

Result<void> NodeEdit::split(std::size_t statement, const Chosen& chosen, std::span<const Setting> settings) {
  auto names = names_of(configuration_.statements()[statement]);
  if (!names) return std::unexpected(names.error());
  const bool all = std::ranges::all_of(*names, [&](const auto& name) { return chosen.contains(name); });
  auto splices =
      all ? record_splices(configuration_, statement, settings)
          : Split(configuration_, statement, defaults_, *std::move(names), chosen).splices(settings);
  if (!splices) return std::unexpected(splices.error());
  std::ranges::move(*splices, std::back_inserter(splices_));
  return {};
}

Result<void> NodeEdit::change(std::size_t statement, const Chosen& chosen,
                              std::span<const Setting> settings) {
  std::vector<Setting> needed;
  for (const auto& setting : settings)
    if (!says(statement, setting)) needed.push_back(setting);
  if (needed.empty()) return {};
  return split(statement, chosen, needed);
}

/// Nodes by the one line each of them has.
Result<std::map<std::size_t, Chosen>> by_line(const ConfigurationText& configuration,
                                              std::span<const std::string> names) {
  const auto lines = node_lines(configuration);
  if (!lines) return std::unexpected(lines.error());
  std::map<std::size_t, Chosen> chosen;
  for (const auto& name : names) {
    const auto found = lines->find(name);
    if (found == lines->end()) return no_edit(fmt::format("no line is for node {}", shown(name)));
    if (found->second.size() > 1)
      return no_edit(configuration.statements()[found->second.back()],
                     fmt::format("node {} is in another line as well", shown(name)));
    chosen[found->second.front()].insert(name);
  }
  return chosen;
}

}  // namespace

Result<std::vector<std::string>> expand_node_names(std::string_view text) {
  const auto list = with_commas(text);
  if (has_tail(list))
    return failure(
        "Host list is not valid",
        fmt::format("{}: Slurm takes nothing behind the last bracket of a name", shown(list.substr(0, 100))));
  return expand_hostlist(list);
}

std::string fold_node_names(std::span<const std::string> names) {
  auto folded = fold_hosts(names);
  const auto back = expand_node_names(folded);
  return back && std::ranges::equal(*back, names) ? folded : join(names, ",");
}

Result<NodeLines> node_lines(const ConfigurationText& configuration) {
  NodeLines lines;
  std::size_t total = 0;
  for (std::size_t i = 0; i < configuration.statements().size(); ++i) {
    const auto& statement = configuration.statements()[i];
    if (!is_node_line(statement)) continue;
    auto names = names_of(statement);
    if (!names) return std::unexpected(names.error());
    total += names->size();
    if (total > max_node_lines) return no_edit(statement, fmt::format("more than {} nodes", max_node_lines));
    for (auto& name : *names) lines[std::move(name)].push_back(i);
  }
  return lines;
}

Result<ConfigurationText> split_nodes(const ConfigurationText& configuration, std::size_t statement,
                                      std::span<const std::string> names) {
  const auto& statements = configuration.statements();
  if (statement >= statements.size() || !is_node_line(statements[statement]))
    return no_edit("there is no such line of nodes");
  const auto members = names_of(statements[statement]);
  if (!members) return std::unexpected(members.error());
  const Chosen all(members->begin(), members->end());
  const Chosen chosen(names.begin(), names.end());
  if (chosen.empty() || !std::ranges::includes(all, chosen))
    return no_edit(statements[statement], "it is not for all of the nodes that are to leave it");
  NodeEdit edit(configuration);
  if (auto done = edit.split(statement, chosen, {}); !done) return std::unexpected(done.error());
  return std::move(edit).take();
}

Result<ConfigurationText> change_nodes(const ConfigurationText& configuration,
                                       std::span<const std::string> names,
                                       std::span<const Setting> settings) {
  if (configuration.dialect() != Dialect::slurm_conf)
    return no_edit("gres.conf has several lines for one node");
  for (const auto& setting : settings)
    if (same_word(setting.key, "NodeName")) return no_edit("nodes keep their names");
  const auto lines = by_line(configuration, names);
  if (!lines) return std::unexpected(lines.error());
  NodeEdit edit(configuration);
  for (const auto& [statement, chosen] : *lines)
    if (auto done = edit.change(statement, chosen, settings); !done) return std::unexpected(done.error());
  return std::move(edit).take();
}

}  // namespace tidelock::slurm
