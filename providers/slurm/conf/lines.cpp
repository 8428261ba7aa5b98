#include "providers/slurm/conf/lines.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::slurm {

const Pair* own_pair(const Statement& statement, const ConfField& field) {
  const auto* pair = find_pair(statement, field.slurm);
  return pair == nullptr && !field.alias.empty() ? find_pair(statement, field.alias) : pair;
}

std::string resource_of(const Statement& statement) {
  const auto* name = find_pair(statement, "Name");
  const auto* type = find_pair(statement, "Type");
  if (name == nullptr) return {};
  return lower_case(type == nullptr ? name->value : fmt::format("{}:{}", name->value, type->value));
}

ConfigurationFiles::Index::Index(const ConfigurationText& text) : defaults(text), lines(node_lines(text)) {
  for (const auto i : statements_of(text, Sort::gres))
    if (find_pair(text.statements()[i], "NodeName") == nullptr) for_all.push_back(i);
}

const NodeLines& ConfigurationFiles::Index::nodes() const {
  static const NodeLines none;
  return lines ? *lines : none;
}

}  // namespace tidelock::slurm
