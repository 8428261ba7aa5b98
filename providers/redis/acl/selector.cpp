#include "providers/redis/acl/selector.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::redis {
namespace {

using Applied = std::expected<void, std::string>;

/// Redis takes no pattern with one of these, since rules are words.
bool has_space(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r'); });
}

std::unexpected<std::string> spaces(std::string_view pattern) {
  return std::unexpected(
      fmt::format("{} holds white space, which Redis takes in no pattern", shown(pattern)));
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const auto near = closest(word, candidates);
  return near ? fmt::format("; did you mean {}?", *near) : "";
}

std::unexpected<std::string> no_command(const CommandTable& table, std::string_view name) {
  return std::unexpected(
      fmt::format("this Redis knows no command {}{}", shown(name), nearest(name, table.names())));
}

std::string_view prefix_of(std::uint8_t access) {
  if (access == KeyPatterns::read) return "%R~";
  return access == KeyPatterns::write ? "%W~" : "~";
}

/// Before the `~`: R, W or both, each once.
std::uint8_t access_in(std::string_view letters) {
  std::uint8_t access = 0;
  for (const char c : letters) {
    const auto bit = c == 'R' || c == 'r' ? KeyPatterns::read : c == 'W' || c == 'w' ? KeyPatterns::write : 0;
    if (bit == 0 || (access & bit) != 0) return 0;
    access = static_cast<std::uint8_t>(access | bit);
  }
  return access;
}

}  // namespace

Applied AllowedCommands::apply(std::string_view rule) {
  const auto text = lower_case(rule);
  if (text == "allcommands" || text == "+@all") return set_all(true), Applied{};
  if (text == "nocommands" || text == "-@all") return set_all(false), Applied{};
  if (!is_command_rule(text))
    return std::unexpected(
        fmt::format("{} is no rule about commands; write +get, -@dangerous, …", shown(rule)));
  const bool allow = text.front() == '+';
  const auto name = std::string_view(text).substr(1);
  return name.starts_with('@') ? set_category(name.substr(1), allow) : set_command(name, allow);
}

void AllowedCommands::set_all(bool allow) {
  allowed_.assign(table_->size(), allow);
  first_arguments_.clear();
  future_ = allow;
}

Applied AllowedCommands::set_category(std::string_view name, bool allow) {
  const auto* commands = table_->category(name);
  if (commands == nullptr) {
    const auto known = table_->categories();
    return std::unexpected(fmt::format("this Redis has no category {}{}", shown(name), nearest(name, known)));
  }
  for (const auto command : *commands) set(command, allow);
  return {};
}

Applied AllowedCommands::set_command(std::string_view name, bool allow) {
  const auto command = table_->find(name);
  if (command) return set(*command, allow), Applied{};
  const auto bar = name.find('|');
  if (bar == std::string_view::npos) return no_command(*table_, name);
  if (!allow)
    return std::unexpected(fmt::format("this Redis cannot take away {} from {} alone",
                                       shown(name.substr(bar + 1)), shown(name.substr(0, bar))));
  return add_first_argument(name);
}

/// Of a command that is allowed anyway it says nothing.
Applied AllowedCommands::add_first_argument(std::string_view name) {
  const auto bar = name.find('|');
  const auto command = table_->find(name.substr(0, bar));
  if (!command || !table_->below(*command).empty()) return no_command(*table_, name);
  first_arguments_[*command].emplace(name.substr(bar + 1));
  return {};
}

void AllowedCommands::set(std::size_t command, bool allow) {
  allowed_[command] = allow;
  first_arguments_.erase(command);
  for (const auto below : table_->below(command)) allowed_[below] = allow;
}

bool AllowedCommands::allows(std::string_view command) const {
  const auto index = table_->find(command);
  return index && allowed_[*index];
}

std::map<std::size_t, std::set<std::string>> AllowedCommands::first_arguments_that_count() const {
  auto all = first_arguments_;
  std::erase_if(all, [&](const auto& entry) { return allowed_[entry.first]; });
  return all;
}

bool AllowedCommands::operator==(const AllowedCommands& other) const {
  return future_ == other.future_ && allowed_ == other.allowed_ &&
         first_arguments_that_count() == other.first_arguments_that_count();
}

void KeyPatterns::add(const std::string& pattern, std::uint8_t access) {
  if (!all_) patterns_[pattern] |= access;
}

void KeyPatterns::set_all() {
  clear();
  all_ = true;
}

bool KeyPatterns::is_plain() const {
  return std::ranges::all_of(patterns_, [](const auto& entry) { return entry.second == (read | write); });
}

/// A pattern that would be taken for one with a prefix gets one.
std::vector<std::string> KeyPatterns::written() const {
  if (all_) return {"*"};
  std::vector<std::string> texts;
  for (const auto& [pattern, access] : patterns_) {
    const bool bare = access == (read | write) && !pattern.starts_with('~') && !pattern.starts_with('%');
    texts.push_back(bare ? pattern : std::string(prefix_of(access)) + pattern);
  }
  std::ranges::sort(texts);
  return texts;
}

std::vector<std::string> KeyPatterns::rules() const {
  if (all_) return {"~*"};
  std::vector<std::string> rules;
  for (const auto& [pattern, access] : patterns_) rules.push_back(std::string(prefix_of(access)) + pattern);
  return rules;
}

std::vector<std::string> ChannelPatterns::written() const {
  if (all) return {"*"};
  std::vector<std::string> texts;
  for (const auto& pattern : patterns) texts.push_back(pattern.starts_with('&') ? '&' + pattern : pattern);
  std::ranges::sort(texts);
  return texts;
}

std::vector<std::string> ChannelPatterns::rules() const {
  if (all) return {"&*"};
  std::vector<std::string> rules;
  for (const auto& pattern : patterns) rules.push_back('&' + pattern);
  return rules;
}

Applied Selector::apply(std::string_view rule) {
  const auto word = lower_case(rule);
  if (word == "allkeys") return keys.set_all(), Applied{};
  if (word == "resetkeys") return keys.clear(), Applied{};
  if (word == "allchannels") return channels = {{}, true}, Applied{};
  if (word == "resetchannels") return channels = {}, Applied{};
  if (rule.starts_with('~') || rule.starts_with('%')) return add_key_pattern(rule, keys);
  if (rule.starts_with('&')) return add_channel_pattern(rule, channels);
  return commands.apply(rule);
}

Applied add_key_pattern(std::string_view text, KeyPatterns& patterns) {
  auto access = static_cast<std::uint8_t>(KeyPatterns::read | KeyPatterns::write);
  auto pattern = text;
  if (text.starts_with('%')) {
    const auto tilde = text.find('~');
    access = tilde == std::string_view::npos ? std::uint8_t{0} : access_in(text.substr(1, tilde - 1));
    if (access == 0)
      return std::unexpected(
          fmt::format("{} is no pattern: write %R~PATTERN, %W~PATTERN or PATTERN", shown(text)));
    pattern = text.substr(tilde + 1);
  } else if (text.starts_with('~')) {
    pattern = text.substr(1);
  }
  if (has_space(pattern)) return spaces(pattern);
  if (pattern == "*" && access == (KeyPatterns::read | KeyPatterns::write))
    patterns.set_all();
  else
    patterns.add(std::string(pattern), access);
  return {};
}

Applied add_channel_pattern(std::string_view text, ChannelPatterns& patterns) {
  const auto pattern = text.starts_with('&') ? text.substr(1) : text;
  if (has_space(pattern)) return spaces(pattern);
  if (pattern == "*")
    patterns = {{}, true};
  else if (!patterns.all)
    patterns.patterns.emplace(pattern);
  return {};
}

KeyPatterns key_patterns(const std::vector<std::string>& texts) {
  KeyPatterns patterns;
  for (const auto& text : texts)
    if (auto with = patterns; add_key_pattern(text, with)) patterns = std::move(with);
  return patterns;
}

ChannelPatterns channel_patterns(const std::vector<std::string>& texts) {
  ChannelPatterns patterns;
  for (const auto& text : texts)
    if (auto with = patterns; add_channel_pattern(text, with)) patterns = std::move(with);
  return patterns;
}

bool is_command_rule(std::string_view rule) {
  const auto word = lower_case(rule);
  if (word == "allcommands" || word == "nocommands") return true;
  if (word.size() < 2 || (word.front() != '+' && word.front() != '-')) return false;
  const auto name = std::string_view(word).substr(word[1] == '@' ? 2 : 1);
  return !name.empty() && !name.starts_with('|') && !name.ends_with('|') && !has_space(name);
}

}  // namespace tidelock::redis
