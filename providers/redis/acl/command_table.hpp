#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::redis {

/// The commands that a server knows and their categories, as `ACL CAT` lists them. Since Redis 7 `config|get`
/// is a command of its own, below `config`; before, what stands behind the bar is a first argument.
class CommandTable {
 public:
  /// All commands of a category; those of several categories are named in each of them.
  void add_category(std::string name, const std::vector<std::string>& commands);

  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] bool empty() const { return names_.empty(); }
  [[nodiscard]] const std::string& name(std::size_t command) const { return names_[command]; }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view command) const;
  /// Null for a category that the server does not have.
  [[nodiscard]] const std::vector<std::size_t>* category(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> categories() const;
  /// What is below a command; empty for one that has nothing below it.
  [[nodiscard]] const std::vector<std::size_t>& below(std::size_t command) const { return below_[command]; }

 private:
  std::size_t index_of(const std::string& command);

  std::vector<std::string> names_;
  std::map<std::string, std::size_t, std::less<>> indices_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> categories_;
  std::vector<std::vector<std::size_t>> below_;
};

}  // namespace tidelock::redis
