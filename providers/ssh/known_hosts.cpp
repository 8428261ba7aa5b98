#include "providers/ssh/known_hosts.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/encoding.hpp"
#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::string_view blanks = " \t";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

/// Takes the first word off the text.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const auto word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return word;
}

/// `*` and `?` only: brackets are part of `[host]:port`.
bool wildcard_matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::optional<std::size_t> star;
  std::size_t after_star = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star) {
      p = *star + 1;
      n = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

/// A comma list with wildcards; a negated pattern that matches makes the whole list not match.
bool list_matches(std::string_view list, std::string_view name) {
  bool matched = false;
  for (auto pattern : split(list, ',')) {
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (!wildcard_matches(pattern, name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

struct HashedName {
  std::string salt, digest;
};

constexpr std::string_view hash_prefix = "|1|";

/// `|1|salt|digest`, both base64.
std::optional<HashedName> hashed_name(std::string_view text) {
  const auto parts = split(text.substr(hash_prefix.size()), '|');
  if (parts.size() != 2) return std::nullopt;
  auto salt = from_base64(parts[0]);
  auto digest = from_base64(parts[1]);
  constexpr std::size_t sha1_size = 20;
  if (!salt || salt->empty() || !digest || digest->size() != sha1_size) return std::nullopt;
  return std::make_optional<HashedName>(std::move(*salt), std::move(*digest));
}

bool hosts_match(std::string_view hosts, const std::string& name) {
  if (!hosts.starts_with('|')) return list_matches(hosts, name);
  const auto hashed = hashed_name(hosts);
  return hashed && hmac_sha1(hashed->salt, name) == hashed->digest;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What is wrong with the fields of a line; none when the key may be used.
std::optional<std::string_view> fault(std::string_view hosts, std::string_view type, std::string_view key,
                                      const std::optional<PublicKey>& parsed) {
  if (hosts.starts_with('|') && (!hosts.starts_with(hash_prefix) || !hashed_name(hosts)))
    return "its hashed host name is damaged";
  if (is_number(type)) return "a key of SSH protocol 1 is of no use";
  if (type.empty() || key.empty()) return "it has no key";
  if (!parsed) return "its key is damaged";
  if (parsed->type != type) return "its key is of another type than it says";
  return std::nullopt;
}

}  // namespace

std::string to_string(const Place& at) { return fmt::format("{}:{}", at.file, at.line); }

HostNames host_names(std::span<const std::string> names, std::uint16_t port, std::string_view alias) {
  HostNames out;
  if (!alias.empty()) {
    out.exact.push_back(lower(alias));
    return out;
  }
  constexpr std::uint16_t usual_port = 22;
  for (const auto& name : names) {
    auto plain = lower(name);
    if (std::ranges::find(out.exact, plain) != out.exact.end()) continue;
    if (port != usual_port) out.without_port.push_back(plain);
    out.exact.push_back(port == usual_port ? plain : fmt::format("[{}]:{}", plain, port));
  }
  return out;
}

void KnownHosts::add(std::string_view text, const std::string& name) {
  std::size_t number = 0;
  for (auto line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto start = line.find_first_not_of(blanks);
    if (start != std::string_view::npos && line[start] != '#') add_line(line.substr(start), {name, number});
  }
}

void KnownHosts::add_line(std::string_view text, Place at) {
  Line line;
  auto hosts = next_word(text);
  if (hosts.starts_with('@')) {
    line.marker = hosts == "@revoked" ? Marker::revoked : Marker::authority;
    if (hosts != "@revoked" && hosts != "@cert-authority") {
      warnings_.push_back(fmt::format("{}: the marker {} is unknown", to_string(at), shown(hosts)));
      return;
    }
    hosts = next_word(text);
  }
  const auto type = next_word(text);
  const auto key = next_word(text);
  const auto blob = from_base64(key);
  auto parsed = blob ? public_key(*blob) : std::nullopt;
  if (const auto why = fault(hosts, type, key, parsed)) {
    warnings_.push_back(fmt::format("{}: {}", to_string(at), *why));
    return;
  }
  line.hosts = hosts.starts_with('|') ? std::string(hosts) : lower(hosts);
  line.pinned = {std::move(*parsed), std::move(at)};
  lines_.push_back(std::move(line));
}

std::vector<const KnownHosts::Line*> KnownHosts::lines(std::span<const std::string> names,
                                                       Marker marker) const {
  std::vector<const Line*> found;
  for (const auto& line : lines_) {
    if (line.marker != marker) continue;
    if (std::ranges::any_of(names, [&](const auto& name) { return hosts_match(line.hosts, name); }))
      found.push_back(&line);
  }
  return found;
}

Verdict KnownHosts::check(const HostNames& names, const PublicKey& key) const {
  const auto same_key = [&](const Line* line) { return line->pinned.key.blob == key.blob; };
  for (const auto& set : {names.exact, names.without_port}) {
    const auto revoked = lines(set, Marker::revoked);
    if (const auto it = std::ranges::find_if(revoked, same_key); it != revoked.end())
      return Revoked{(*it)->pinned};
  }
  Mismatch mismatch;
  Unknown unknown;
  for (const auto* line : lines(names.exact, Marker::none)) {
    if (same_key(line)) return Matched{line->pinned};
    const bool comparable = line->pinned.key.type == key.type;
    (comparable ? mismatch.pinned : unknown.other_types).push_back(line->pinned);
  }
  if (!mismatch.pinned.empty()) return mismatch;
  // Without its port a name says little: it serves to accept the key, never to call it changed.
  for (const auto* line : lines(names.without_port, Marker::none))
    if (same_key(line)) return Matched{line->pinned};
  for (const auto* line : lines(names.exact, Marker::authority))
    unknown.authorities.push_back(line->pinned.at);
  return unknown;
}

std::vector<std::string> KnownHosts::types(const HostNames& names) const {
  std::vector<std::string> types;
  for (const auto& set : {names.exact, names.without_port})
    for (const auto* line : lines(set, Marker::none))
      if (std::ranges::find(types, line->pinned.key.type) == types.end())
        types.push_back(line->pinned.key.type);
  return types;
}

}  // namespace tidelock::ssh
