#include "providers/redis/acl/command_table.hpp"

namespace tidelock::redis {

void CommandTable::add_category(std::string name, const std::vector<std::string>& commands) {
  std::vector<std::size_t> indices;
  for (const auto& command : commands) indices.push_back(index_of(command));
  categories_[std::move(name)] = std::move(indices);
}

std::optional<std::size_t> CommandTable::find(std::string_view command) const {
  const auto found = indices_.find(command);
  return found == indices_.end() ? std::nullopt : std::optional(found->second);
}

const std::vector<std::size_t>* CommandTable::category(std::string_view name) const {
  const auto found = categories_.find(name);
  return found == categories_.end() ? nullptr : &found->second;
}

std::vector<std::string> CommandTable::categories() const {
  std::vector<std::string> names;
  for (const auto& entry : categories_) names.push_back(entry.first);
  return names;
}

std::size_t CommandTable::index_of(const std::string& command) {
  const auto [place, is_new] = indices_.try_emplace(command, names_.size());
  const auto index = place->second;
  if (!is_new) return index;
  names_.push_back(command);
  below_.emplace_back();
  if (const auto bar = command.rfind('|'); bar != std::string::npos)
    below_[index_of(command.substr(0, bar))].push_back(index);
  return index;
}

}  // namespace tidelock::redis
