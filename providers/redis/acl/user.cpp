#include "providers/redis/acl/user.hpp"

#include <algorithm>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"

namespace tidelock::redis {
namespace {

using Applied = std::expected<void, std::string>;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const auto part : split(text, ' '))
    if (const auto word = trim(part); !word.empty()) words.push_back(word);
  return words;
}

bool is_digest(std::string_view text) {
  constexpr std::size_t digits = 64;
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What CONFIG REWRITE and people put around a word with odd characters.
std::string_view unquoted(std::string_view word) {
  const bool quoted =
      word.size() > 1 && word.front() == word.back() && (word.front() == '"' || word.front() == '\'');
  return quoted ? word.substr(1, word.size() - 2) : word;
}

bool same_selectors(std::vector<Selector> one, const std::vector<Selector>& other) {
  if (one.size() != other.size()) return false;
  return std::ranges::is_permutation(one, other);
}

}  // namespace

Applied AclUser::apply(std::string_view rule) {
  const auto word = lower_case(rule);
  if (apply_flag(word)) return {};
  if (rule.starts_with('(')) return add_selector(rule);
  const auto password = apply_password(rule);
  if (!password) return std::unexpected(password.error());
  if (*password) return {};
  auto applied = own.apply(rule);
  if (applied && is_command_rule(rule)) {
    if (word == "+@all" || word == "-@all" || word == "allcommands" || word == "nocommands")
      command_rules.clear();
    command_rules.push_back(word == "allcommands" ? "+@all" : word == "nocommands" ? "-@all" : word);
  }
  return applied;
}

bool AclUser::apply_flag(std::string_view word) {
  if (word == "on" || word == "off")
    enabled = word == "on";
  else if (word == "skip-sanitize-payload" || word == "sanitize-payload")
    skips_sanitizing = word == "skip-sanitize-payload";
  else if (word == "nopass" || word == "resetpass")
    needs_no_password = word == "nopass", password_digests.clear();
  else if (word == "clearselectors")
    selectors.clear(), selector_texts.clear();
  else if (word == "reset")
    reset();
  else
    return false;
  return true;
}

void AclUser::reset() { *this = AclUser(*table_); }

/// Whether it was one about passwords.
std::expected<bool, std::string> AclUser::apply_password(std::string_view rule) {
  const char sign = rule.empty() ? ' ' : rule.front();
  if (sign != '>' && sign != '<' && sign != '#' && sign != '!') return false;
  const auto rest = rule.substr(1);
  const bool is_hash = sign == '#' || sign == '!';
  if (is_hash && !is_digest(rest)) return std::unexpected("it has a digest of a password that is none");
  const auto digest = is_hash ? std::string(rest) : sha256_hex(rest);
  if (sign == '>' || sign == '#') {
    password_digests.insert(digest);
    needs_no_password = false;
  } else {
    password_digests.erase(digest);
  }
  return true;
}

Applied AclUser::add_selector(std::string_view rule) {
  auto selector = parse_selector(rule, *table_);
  if (!selector) return std::unexpected(selector.error());
  selectors.push_back(*std::move(selector));
  selector_texts.emplace_back(rule.substr(1, rule.size() - 2));
  return {};
}

bool AclUser::operator==(const AclUser& other) const {
  return enabled == other.enabled && needs_no_password == other.needs_no_password &&
         password_digests == other.password_digests && skips_sanitizing == other.skips_sanitizing &&
         own == other.own && same_selectors(selectors, other.selectors);
}

const AclUser* AclUsers::find(std::string_view name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &found->second;
}

AclUsers parse_users(const std::vector<std::string>& lines, const CommandTable& table,
                     bool channels_by_default) {
  AclUsers users;
  for (const auto& line : lines) {
    const auto words = rule_words(line);
    if (words.size() < 2 || lower_case(words[0]) != "user") continue;
    AclUser user(table);
    user.own.channels.all = channels_by_default;
    Applied applied;
    for (std::size_t i = 2; i < words.size() && applied; ++i) applied = user.apply(words[i]);
    if (applied)
      users.by_name.insert_or_assign(words[1], std::move(user));
    else
      users.unreadable.insert_or_assign(words[1], applied.error());
  }
  return users;
}

std::vector<std::string> user_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) {
    const auto words = words_of(trim(line));
    if (words.size() < 2 || lower_case(words.front()) != "user") continue;
    std::string plain;
    for (const auto word : words) plain.append(plain.empty() ? "" : " ").append(unquoted(word));
    lines.push_back(std::move(plain));
  }
  return lines;
}

std::vector<std::string> rule_words(std::string_view text) {
  std::vector<std::string> rules;
  bool open = false;
  for (const auto word : words_of(text)) {
    if (open)
      rules.back().append(" ").append(word);
    else
      rules.emplace_back(word);
    if (!open && word.starts_with('(')) open = true;
    if (open && word.ends_with(')')) open = false;
  }
  return rules;
}

std::expected<Selector, std::string> parse_selector(std::string_view text, const CommandTable& table) {
  if (text.starts_with('(') != text.ends_with(')') || text == "(")
    return std::unexpected("a selector has one parenthesis");
  if (text.starts_with('(')) text = text.substr(1, text.size() - 2);
  Selector selector(table);
  for (const auto word : words_of(text))
    if (auto applied = selector.apply(word); !applied) return std::unexpected(applied.error());
  return selector;
}

}  // namespace tidelock::redis
