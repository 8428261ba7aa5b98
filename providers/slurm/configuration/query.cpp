#include "providers/slurm/configuration/query.hpp"

#include <algorithm>
#include <array>
#include <ranges>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

bool any_same(const auto& words, std::string_view word) {
  return std::ranges::any_of(words, [&](std::string_view other) { return same_word(other, word); });
}

}  // namespace

std::vector<std::size_t> statements_of(const ConfigurationText& configuration, Sort sort) {
  std::vector<std::size_t> found;
  const auto& statements = configuration.statements();
  for (std::size_t i = 0; i < statements.size(); ++i)
    if (statements[i].sort == sort) found.push_back(i);
  return found;
}

std::vector<std::size_t> parameters(const ConfigurationText& configuration, std::string_view key) {
  auto found = statements_of(configuration, Sort::parameter);
  std::erase_if(
      found, [&](std::size_t i) { return !same_word(configuration.statements()[i].pairs.front().key, key); });
  return found;
}

bool is_list_parameter(std::string_view key) {
  constexpr std::array<std::string_view, 5> lists{"SlurmctldHost", "Prolog", "Epilog", "PrologSlurmctld",
                                                  "EpilogSlurmctld"};
  return any_same(lists, key);
}

Effective parameter(const ConfigurationText& configuration, std::string_view key) {
  Effective effective;
  const auto& statements = configuration.statements();
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (statements[i].sort == Sort::include) effective.certain = false;
    if (statements[i].sort != Sort::parameter || !same_word(statements[i].pairs.front().key, key)) continue;
    effective = {statements[i].pairs.front().value, i, true};
  }
  return effective;
}

const Pair* find_pair(const Statement& statement, std::string_view key) {
  for (const auto& pair : std::views::reverse(statement.pairs))
    if (same_word(pair.key, key)) return &pair;
  return nullptr;
}

std::optional<std::size_t> find_record(const ConfigurationText& configuration, Sort sort,
                                       std::string_view name) {
  for (const auto i : statements_of(configuration, sort))
    if (configuration.statements()[i].pairs.front().value == name) return i;
  return std::nullopt;
}

bool is_default(const Statement& statement) {
  return (statement.sort == Sort::node || statement.sort == Sort::partition) &&
         same_word(statement.pairs.front().value, "DEFAULT");
}

bool is_inherited(Sort sort, std::string_view key) {
  constexpr std::array<std::string_view, 4> own_of_nodes{"NodeName", "NodeAddr", "NodeHostname", "BcastAddr"};
  constexpr std::array<std::string_view, 7> own_of_partitions{
      "PartitionName",   "DisableRootJobs",      "ExclusiveTopo", "ExclusiveUser",
      "PowerDownOnIdle", "SelectTypeParameters", "SuspendTime"};
  return (sort == Sort::node && !any_same(own_of_nodes, key)) ||
         (sort == Sort::partition && !any_same(own_of_partitions, key));
}

Defaults::Defaults(const ConfigurationText& configuration) {
  const auto& statements = configuration.statements();
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (statements[i].sort == Sort::include) includes_.push_back(i);
    if (!is_default(statements[i])) continue;
    for (const auto& pair : statements[i].pairs)
      defaults_[{statements[i].sort, lower_case(pair.key)}].push_back(i);
  }
}

Effective Defaults::value(const ConfigurationText& configuration, std::size_t statement,
                          std::string_view key) const {
  if (const auto* own = find_pair(configuration.statements()[statement], key))
    return {own->value, statement, true};
  return inherited(configuration, statement, key);
}

Effective Defaults::inherited(const ConfigurationText& configuration, std::size_t statement,
                              std::string_view key) const {
  const auto& statements = configuration.statements();
  const auto& record = statements[statement];
  if (!is_inherited(record.sort, key)) return {};
  Effective effective;
  const auto before = [&](const std::vector<std::size_t>& indexes) -> std::optional<std::size_t> {
    const auto it = std::ranges::lower_bound(indexes, statement);
    return it == indexes.begin() ? std::nullopt : std::optional(*std::prev(it));
  };
  if (const auto found = defaults_.find({record.sort, lower_case(key)}); found != defaults_.end())
    effective.from = before(found->second);
  if (effective.from) effective.value = find_pair(statements[*effective.from], key)->value;
  const auto include = before(includes_);
  effective.certain = !include || (effective.from && *include < *effective.from);
  return effective;
}

}  // namespace tidelock::slurm
