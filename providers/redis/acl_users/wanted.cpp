#include "providers/redis/acl_users/wanted.hpp"

#include <algorithm>
#include <iterator>

#include "engine/base/text.hpp"

namespace tidelock::redis {
namespace {

using Words = std::vector<std::string>;

Words password_words(const Value& value) {
  Words words{"resetpass"};
  if (const auto* hidden = std::get_if<Hidden>(&value)) {
    for (const auto digest : split(hidden->sha256, ' ')) words.push_back('#' + std::string(digest));
  } else if (value == Value(std::string(no_password))) {
    words.emplace_back("nopass");
  }
  return words;
}

Words key_words(const Words& written) {
  Words words{"resetkeys"};
  std::ranges::move(key_patterns(written).rules(), std::back_inserter(words));
  return words;
}

Words channel_words(const Words& written) {
  Words words{"resetchannels"};
  std::ranges::move(channel_patterns(written).rules(), std::back_inserter(words));
  return words;
}

Words words_of(const Attributes& attributes, std::string_view name) {
  const auto* value = attributes.find(name);
  if (value == nullptr) return {};
  if (name == "enabled") return {*value == Value(true) ? "on" : "off"};
  if (name == "password") return password_words(*value);
  const auto list = list_of(attributes, name);
  if (name == "keys") return key_words(list);
  if (name == "channels") return channel_words(list);
  Words words;
  if (name == "commands") {
    words.emplace_back("nocommands");
    words.insert(words.end(), list.begin(), list.end());
  } else if (name == "selectors") {
    words.emplace_back("clearselectors");
    for (const auto& text : list) words.push_back('(' + text + ')');
  }
  return words;
}

}  // namespace

Words words_for(const Attributes& attributes, const Words& names) {
  Words words;
  for (const auto& name : names) std::ranges::move(words_of(attributes, name), std::back_inserter(words));
  return words;
}

std::expected<AllowedCommands, std::string> allowed_by(const Words& rules, const CommandTable& table) {
  AllowedCommands allowed(table);
  for (const auto& rule : rules)
    if (auto applied = allowed.apply(rule); !applied) return std::unexpected(applied.error());
  return allowed;
}

std::expected<std::vector<Selector>, std::string> selectors_of(const Words& texts,
                                                               const CommandTable& table) {
  std::vector<Selector> selectors;
  for (const auto& text : texts) {
    auto selector = parse_selector(text, table);
    if (!selector) return std::unexpected(selector.error());
    selectors.push_back(*std::move(selector));
  }
  return selectors;
}

Words list_of(const Attributes& attributes, std::string_view name) {
  const auto* value = attributes.find(name);
  const auto* list = value == nullptr ? nullptr : std::get_if<Words>(value);
  return list == nullptr ? Words{} : *list;
}

}  // namespace tidelock::redis
