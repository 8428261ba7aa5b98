#include "providers/system/authorized_keys.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/encoding.hpp"
#include "engine/base/text.hpp"

namespace tidelock::system {
namespace {

constexpr std::size_t enough = 16;  // digits of a digest that tell two lines apart

/// The words of a line; white space in quotes belongs to a word, as in options.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  bool quoted = false;
  std::size_t begin = std::string_view::npos;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const bool space = i == line.size() || (!quoted && (line[i] == ' ' || line[i] == '\t'));
    if (!space && line[i] == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
    if (!space && begin == std::string_view::npos) begin = i;
    if (!space || begin == std::string_view::npos) continue;
    words.push_back(line.substr(begin, i - begin));
    begin = std::string_view::npos;
  }
  return words;
}

bool is_key_type(std::string_view word) {
  constexpr std::array<std::string_view, 5> prefixes{"ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-sha2-",
                                                     "webauthn-sk-"};
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return word.starts_with(prefix); });
}

/// As `ssh-keygen -l` shows it.
std::string fingerprint(std::string_view key) {
  const auto hex = sha256_hex(key);
  std::string raw;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  auto text = to_base64(raw);
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

}  // namespace

std::optional<std::string> key_in_short(std::string_view line) {
  const auto words = words_of(line);
  const std::size_t type = !words.empty() && is_key_type(words[0]) ? 0 : 1;
  if (words.size() < type + 2 || !is_key_type(words[type])) return std::nullopt;
  const auto key = from_base64(words[type + 1]);
  if (!key || !key->substr(0, 4 + words[type].size()).ends_with(words[type])) return std::nullopt;
  std::vector<std::string> parts;
  parts.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i)
    parts.push_back(i == type + 1 ? fingerprint(*key) : printable(words[i]));
  return join(parts, " ");
}

std::vector<std::string_view> key_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (const auto line : split(text, '\n'))
    if (const auto trimmed = trim(line); !trimmed.empty() && !trimmed.starts_with('#'))
      lines.push_back(trimmed);
  return lines;
}

std::vector<std::string> keys_in_short(std::string_view text) {
  std::vector<std::string> keys;
  for (const auto line : key_lines(text))
    keys.push_back(
        key_in_short(line).value_or("a line that is no key, sha256:" + sha256_hex(line).substr(0, enough)));
  std::ranges::sort(keys);
  const auto repeats = std::ranges::unique(keys);
  keys.erase(repeats.begin(), repeats.end());
  return keys;
}

}  // namespace tidelock::system
