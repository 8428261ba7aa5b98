// Values that name something on a host: files, accounts, digests.
#include <algorithm>
#include <initializer_list>
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
/// As useradd(8) and systemd.unit(5) have them.
constexpr std::size_t max_login = 32;
constexpr std::size_t max_unit = 240;

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

constexpr std::string_view ascii_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view ascii_digits = "0123456789";

bool is_made_of(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::ranges::all_of(
      text, [&](char c) { return std::ranges::any_of(sets, [&](auto set) { return set.contains(c); }); });
}

/// What useradd(8) and groupadd(8) of every distribution take, and no program reads as something else.
Parsed parse_login(const Spelling& spelling) {
  const auto text = spelling.text;
  auto fault = argument_fault(text);
  if (fault.empty() && !is_made_of(text, {ascii_letters, ascii_digits, "_-."}))
    fault = "it may hold letters of ASCII, digits, _, - and . only";
  if (fault.empty() && !is_made_of(text.substr(0, 1), {ascii_letters, "_"}))
    fault = "it has to begin with a letter or _";
  if (fault.empty() && text.size() > max_login) fault = fmt::format("it has more than {} letters", max_login);
  if (!fault.empty())
    return std::unexpected(
        fmt::format("{} cannot be the name of a user or group: {}", in_quotes(text), fault));
  return std::string(text);
}

Parsed parse_unit(const Spelling& spelling) {
  const auto text = spelling.text;
  auto fault = argument_fault(text);
  if (fault.empty() && !is_made_of(text, {ascii_letters, ascii_digits, "_-.:@\\"}))
    fault = "it may hold letters of ASCII, digits and _ - . : @ \\ only";
  if (fault.empty() && (text.starts_with('.') || text.starts_with('@')))
    fault = "it has to begin with a letter or a digit";
  if (text.ends_with(".service"))
    fault =
        fmt::format("write {}", in_quotes(text.substr(0, text.size() - std::string_view(".service").size())));
  if (fault.empty() && text.size() > max_unit) fault = fmt::format("it has more than {} letters", max_unit);
  if (!fault.empty())
    return std::unexpected(fmt::format("{} cannot be the name of a service: {}", in_quotes(text), fault));
  return std::string(text);
}

/// apt-get takes a `-` at the end for "remove it".
Parsed parse_package(const Spelling& spelling) {
  const auto text = spelling.text;
  auto fault = argument_fault(text);
  if (fault.empty() && !is_made_of(text, {ascii_letters, ascii_digits, "_-.+"}))
    fault = "it may hold letters of ASCII, digits and _ - . + only; a version has a key of its own";
  if (fault.empty() && !is_made_of(text.substr(0, 1), {ascii_letters, ascii_digits}))
    fault = "it has to begin with a letter or a digit";
  if (fault.empty() && text.ends_with('-')) fault = "it ends with -, by which apt-get means to remove it";
  if (!fault.empty())
    return std::unexpected(fmt::format("{} cannot be the name of a package: {}", in_quotes(text), fault));
  return std::string(text);
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

ValueType login_type() {
  return {.name = "login",
          .title = "Name of a user or group",
          .description =
              "A name that a user or a group can be made with: letters, digits, `_`, `-` and `.`, "
              "beginning with a letter or `_`; 32 at most.",
          .parse = parse_login,
          .show = text_of};
}

ValueType unit_type() {
  return {.name = "unit",
          .title = "Name of a service",
          .description = "The name of a systemd service without `.service`, as `nginx` or `worker@2`.",
          .parse = parse_unit,
          .show = text_of};
}

ValueType package_type() {
  return {.name = "package",
          .title = "Name of a package",
          .description = "The name of a package of the host's distribution, without version or architecture.",
          .parse = parse_package,
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
