#include "providers/redis/config/declare.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/tree_json.hpp"
#include "providers/redis/config/aclfile.hpp"

namespace tidelock::redis {
namespace {

constexpr std::uint64_t kilo = 1000;
constexpr std::uint64_t kibi = 1024;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array units{Unit{"", 1},
                           Unit{"b", 1},
                           Unit{"k", kilo},
                           Unit{"kb", kibi},
                           Unit{"m", kilo* kilo},
                           Unit{"mb", kibi* kibi},
                           Unit{"g", kilo* kilo* kilo},
                           Unit{"gb", kibi* kibi* kibi}};

/// Redis has no setting in which 1k and 1000 could mean two things.
std::optional<std::uint64_t> amount(std::string_view text) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{}) return std::nullopt;
  const auto rest = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
  const auto* unit = std::ranges::find(units, rest, &Unit::name);
  if (unit == units.end() || number > std::numeric_limits<std::uint64_t>::max() / unit->factor)
    return std::nullopt;
  return number * unit->factor;
}

std::vector<std::string> words_of(std::string_view text) {
  const auto low = lower_case(text);
  std::vector<std::string> words;
  for (const auto part : split(low, ' '))
    if (const auto word = trim(part); !word.empty() && word != "\"\"") words.emplace_back(word);
  return words;
}

/// Which of them stand in the way of being asked for, or are in a file of their own here.
std::string_view why_not(std::string_view name) {
  if (name == "requirepass") return "it is a secret; write acl_users: { default: { password: !env NAME } }";
  if (name == "masterauth" || name == "tls-key-file-pass" || name == "tls-client-key-file-pass")
    return "it is a secret, and settings are shown in plans";
  return {};
}

bool is_name(std::string_view name) {
  return !name.empty() && !name.starts_with('-') && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// IMMUTABLE in redis, or no setting of its own.
constexpr std::string_view fixed =
    " always-show-logo aof_rewrite_cpulist appenddirname appendfilename bgsave_cpulist bio_cpulist"
    " cluster-config-file cluster-enabled cluster-port daemonize databases disable-thp"
    " enable-debug-command enable-module-command enable-protected-configs include io-threads"
    " io-threads-do-reads loadmodule logfile pidfile rdbchecksum rename-command replicaof"
    " server_cpulist set-proc-title slaveof socket-mark-id supervised syslog-enabled syslog-facility"
    " syslog-ident tcp-backlog unixsocket unixsocketperm user ";

std::string text_of(const Node& node) {
  const auto* scalar = node.scalar();
  if (scalar == nullptr) return {};
  if (scalar_type(*scalar) != ScalarType::boolean) return scalar->text;
  return lower_case(scalar->text) == "true" ? "yes" : "no";
}

}  // namespace

std::shared_ptr<Declaration> declare_setting(const Node::Entry& entry, Diagnostics& diagnostics) {
  if (!is_name(entry.key))
    diagnostics.error(
        entry.key_at, "Name of a setting is not valid",
        fmt::format("{}: Redis' settings have small letters, digits and dashes", shown(entry.key)));
  if (const auto reason = why_not(entry.key); !reason.empty())
    diagnostics.error(entry.key_at, "Setting cannot be declared", fmt::format("{}: {}", entry.key, reason));
  auto declaration = std::make_shared<Declaration>();
  const auto text = text_of(entry.value);
  const bool plain = text.starts_with('/') && text.find_first_of(" \t\"'\\#") == std::string::npos;
  if (entry.key == aclfile_setting && !plain)
    diagnostics.error(entry.value.at(), "Value is not valid",
                      "write an absolute path without spaces and quotes");
  if (text.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos)
    diagnostics.error(entry.value.at(), "Value is not valid", "it holds more than one line");
  declaration->attributes = {{"saved", true}, {"value", text}};
  return declaration;
}

std::shared_ptr<Declaration> recall_setting(const Attributes& attributes) {
  auto declaration = std::make_shared<Declaration>();
  declaration->attributes = {{"saved", true}, {"value", std::string(attributes.text("value"))}};
  return declaration;
}

bool same_setting(std::string_view one, std::string_view other) {
  const auto left = words_of(one);
  const auto right = words_of(other);
  return std::ranges::equal(left, right, [](const std::string& a, const std::string& b) {
    const auto number = amount(a);
    return a == b || (number && number == amount(b));
  });
}

bool is_fixed(std::string_view name) { return holds(split(fixed, ' '), name); }

std::optional<std::string> value_in_file(std::string_view text, std::string_view name) {
  std::optional<std::string> value;
  for (const auto raw : split(text, '\n')) {
    const auto line = trim(raw);
    const auto end = line.find_first_of(" \t");
    if (end == std::string_view::npos || lower_case(line.substr(0, end)) != name) continue;
    std::string words;
    for (const char c : trim(line.substr(end)))
      if (c != '"' && c != '\'') words += c;
    const bool adds = value && name == "save";
    value = adds ? *value + ' ' + words : words;
  }
  return value;
}

}  // namespace tidelock::redis
