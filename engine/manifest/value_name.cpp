// Values that name something on a host: files, accounts, digests.
#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock {
namespace {

using Parsed = std::expected<Value, std::string>;

/// As limits.h(0p) has them.
constexpr std::size_t max_path = 4095;
constexpr std::size_t max_component = 255;
constexpr std::size_t max_account = 255;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// What is wrong with a text that becomes an argument of some program; empty if nothing is.
std::string argument_fault(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.starts_with('-')) return "it begins with -, which programs take for an option";
  if (has_control(text)) return "it holds a control character";
  return {};
}

Parsed parse_name(const Spelling& spelling) {
  const auto fault = argument_fault(spelling.text);
  if (!fault.empty())
    return std::unexpected(fmt::format("{} cannot be a name: {}", in_quotes(spelling.text), fault));
  return std::string(spelling.text);
}

Parsed parse_account(const Spelling& spelling) {
  auto fault = argument_fault(spelling.text);
  if (spelling.text.contains(':')) fault = "it holds a colon; owner and group have a key each";
  if (spelling.text.contains('/')) fault = "it holds a /";
  if (spelling.text.starts_with('+')) fault = "it begins with +";
  if (spelling.text.size() > max_account) fault = fmt::format("it has more than {} bytes", max_account);
  if (!fault.empty())
    return std::unexpected(
        fmt::format("{} cannot be the name of a user or group: {}", in_quotes(spelling.text), fault));
  return std::string(spelling.text);
}

/// Why this cannot be a path on a host; empty if it can.
std::string path_fault(std::string_view text) {
  if (text.empty()) return "an empty path";
  if (text.starts_with('~'))
    return fmt::format("{} is not absolute: ~ means nothing on a host", in_quotes(text));
  if (!text.starts_with('/'))
    return fmt::format("{} is not absolute: it has to begin with /", in_quotes(text));
  if (text.size() > max_path) return fmt::format("{} is longer than {} bytes", in_quotes(text), max_path);
  if (text.contains('\0')) return fmt::format("{} holds a NUL character", in_quotes(text));
  for (const auto component : split(text, '/')) {
    if (component == "..")
      return fmt::format("{} goes up by ..; write the path that is meant", in_quotes(text));
    if (component.size() > max_component)
      return fmt::format("{} has a part of more than {} bytes", in_quotes(text), max_component);
  }
  return {};
}

Parsed parse_path(const Spelling& spelling) {
  if (auto fault = path_fault(spelling.text); !fault.empty()) return std::unexpected(std::move(fault));
  std::string path;
  for (const auto component : split(spelling.text, '/'))
    if (!component.empty() && component != ".") (path += '/') += component;
  if (path.empty()) path.push_back('/');
  return path;
}

std::string lower_case(std::string_view text) {
  std::string result;
  for (const char c : text) result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

Parsed parse_sha256(const Spelling& spelling) {
  auto digits = spelling.text;
  constexpr std::string_view prefix = "sha256:";
  if (digits.starts_with(prefix)) digits.remove_prefix(prefix.size());
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos)
    return std::unexpected(fmt::format("{} is no SHA-256 digest: it has other characters than 0-9 and a-f",
                                       in_quotes(spelling.text)));
  if (digits.size() != 64)
    return std::unexpected(fmt::format("{} is no SHA-256 digest: it has {} hexadecimal digits instead of 64",
                                       in_quotes(spelling.text), digits.size()));
  return lower_case(digits);
}

}  // namespace

ValueType name_type() {
  return {.name = "name",
          .title = "Name",
          .description = "A name: not empty, no control characters, no `-` at its beginning.",
          .parse = parse_name,
          .show = text_of};
}

ValueType account_type() {
  return {.name = "account",
          .title = "Account name",
          .description = "The name or number of a user or a group on the host, as `portal` or `1000`.",
          .parse = parse_account,
          .show = text_of};
}

ValueType path_type() {
  return {.name = "path",
          .title = "Path",
          .description =
              "An absolute path on the host, without `..`. `//`, `/./` and a `/` at the end mean nothing.",
          .parse = parse_path,
          .show = text_of};
}

ValueType sha256_type() {
  return {.name = "sha256",
          .title = "Digest",
          .description = "A SHA-256 digest: 64 hexadecimal digits, with or without `sha256:` before them.",
          .parse = parse_sha256,
          .show = text_of};
}

}  // namespace tidelock
