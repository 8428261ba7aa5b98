#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "providers/redis/acl/command_table.hpp"

namespace tidelock::redis {

/// What a set of command rules allows. Rules are applied one after the other, later ones over earlier ones,
/// just as the server does; two sets mean the same exactly when they are equal, however they are written.
class AllowedCommands {
 public:
  explicit AllowedCommands(const CommandTable& table) : table_(&table), allowed_(table.size(), false) {}

  /// `+get`, `-@dangerous`, `+config|get`, `allcommands`, …; what is wrong with it otherwise.
  [[nodiscard]] std::expected<void, std::string> apply(std::string_view rule);

  /// Commands that a module brings later are allowed too.
  [[nodiscard]] bool future() const { return future_; }
  [[nodiscard]] bool allows(std::string_view command) const;
  bool operator==(const AllowedCommands& other) const;

 private:
  using Applied = std::expected<void, std::string>;
  void set_all(bool allow);
  Applied set_category(std::string_view name, bool allow);
  Applied set_command(std::string_view name, bool allow);
  Applied add_first_argument(std::string_view name);
  void set(std::size_t command, bool allow);
  [[nodiscard]] std::map<std::size_t, std::set<std::string>> first_arguments_that_count() const;

  const CommandTable* table_;
  std::vector<bool> allowed_;
  std::map<std::size_t, std::set<std::string>> first_arguments_;
  bool future_ = false;
};

/// Patterns of keys, and what may be done with those that match.
class KeyPatterns {
 public:
  static constexpr std::uint8_t read = 1;
  static constexpr std::uint8_t write = 2;

  void add(const std::string& pattern, std::uint8_t access);
  void clear() {
    patterns_.clear();
    all_ = false;
  }
  void set_all();
  [[nodiscard]] bool all() const { return all_; }
  /// Whether Redis before 7 can express it.
  [[nodiscard]] bool is_plain() const;
  /// As a manifest has them: `moonlight:*`, `%R~shared:*`; sorted.
  [[nodiscard]] std::vector<std::string> written() const;
  /// As rules: `~moonlight:*`.
  [[nodiscard]] std::vector<std::string> rules() const;
  bool operator==(const KeyPatterns&) const = default;

 private:
  std::map<std::string, std::uint8_t> patterns_;
  bool all_ = false;
};

/// Patterns of Pub/Sub channels.
struct ChannelPatterns {
  std::set<std::string> patterns;
  bool all = false;

  [[nodiscard]] std::vector<std::string> written() const;
  [[nodiscard]] std::vector<std::string> rules() const;
  bool operator==(const ChannelPatterns&) const = default;
};

/// What a user, or one of the selectors beside the user's own rules, may do.
class Selector {
 public:
  explicit Selector(const CommandTable& table) : commands(table) {}

  [[nodiscard]] std::expected<void, std::string> apply(std::string_view rule);
  bool operator==(const Selector&) const = default;

  KeyPatterns keys;
  ChannelPatterns channels;
  AllowedCommands commands;
};

/// `~pattern`, `%R~pattern` or the pattern alone, into `patterns`; what is wrong with it otherwise.
[[nodiscard]] std::expected<void, std::string> add_key_pattern(std::string_view text, KeyPatterns& patterns);
[[nodiscard]] std::expected<void, std::string> add_channel_pattern(std::string_view text,
                                                                   ChannelPatterns& patterns);
/// The patterns of a list; those that are none are left out.
[[nodiscard]] KeyPatterns key_patterns(const std::vector<std::string>& texts);
[[nodiscard]] ChannelPatterns channel_patterns(const std::vector<std::string>& texts);
/// Whether a text has the form of a rule about commands, known or not.
[[nodiscard]] bool is_command_rule(std::string_view rule);

}  // namespace tidelock::redis
