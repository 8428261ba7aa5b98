#include "providers/ssh/host_key.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::uint64_t largest_known_hosts = 64U << 20U;
/// The quickest first.
constexpr std::array<std::string_view, 5> usual_types{
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"};

std::string pinned_line(const PinnedKey& pinned) {
  return fmt::format("\npinned: {} at {}", described(pinned.key), printable(to_string(pinned.at)));
}

std::string showed(const HostKeyQuestion& question, const PublicKey& key) {
  return fmt::format("{} showed {}", described(question.route), described(key));
}

std::string names_of(const HostKeyQuestion& question) {
  std::vector<std::string> names;
  for (const auto& name : question.route.host_names().exact) names.push_back(shown(name));
  return join(names, " or ");
}

/// What ssh-keygen and ssh-keyscan call a type.
const char* kind_of(std::string_view type) {
  if (type == "ssh-rsa") return "rsa";
  return type.starts_with("ecdsa") ? "ecdsa" : "ed25519";
}

/// The line that would pin the host's key, as a command to run after comparing.
std::string scan_command(const HostKeyQuestion& question, std::string_view type) {
  const auto& route = question.route;
  const auto port = route.port == 22 ? std::string{} : fmt::format("-p {} ", route.port);
  const auto file = route.known_hosts.empty() ? "known_hosts" : shown(route.known_hosts.front().native());
  return fmt::format("ssh-keyscan -t {} {}{} >> {}", kind_of(type), port, route.host, file);
}

std::string key_file(std::string_view type) {
  return fmt::format("/etc/ssh/ssh_host_{}_key.pub", kind_of(type));
}

Error only_rsa(const HostKeyQuestion& question, const PublicKey& key, const PinnedKey& rsa) {
  return {"Host key is unknown",
          fmt::format(
              "{}\nonly an RSA key is pinned for it, at {}, which {} cannot check: it knows RSA with SHA-1 "
              "only",
              showed(question, key), printable(to_string(rsa.at)), question.library),
          fmt::format(
              "Pin another key of the host over the one you have: `ssh {} ssh-keygen -lf {}` must print the "
              "fingerprint above; then {}",
              question.route.host, key_file(key.type), scan_command(question, key.type))};
}

Error unknown(const HostKeyQuestion& question, const PublicKey& key, const Unknown& verdict) {
  const auto rsa =
      std::ranges::find(verdict.other_types, "ssh-rsa", [](const auto& p) { return p.key.type; });
  if (!question.rsa_is_usable && verdict.other_types.size() == 1 && rsa != verdict.other_types.end())
    return only_rsa(question, key, *rsa);
  auto detail = fmt::format("{}\nno such key is pinned for {}", showed(question, key), names_of(question));
  for (const auto& other : verdict.other_types) detail += pinned_line(other);
  for (const auto& at : verdict.authorities)
    detail += fmt::format("\n{} trusts an authority for it, but {} knows no host certificates",
                          printable(to_string(at)), question.library);
  for (const auto& file : question.files.unread) detail += "\n" + file;
  for (const auto& warning : question.files.hosts.warnings()) detail += "\nleft out: " + printable(warning);
  return {
      "Host key is unknown", std::move(detail),
      fmt::format(
          "Compare the fingerprint with what `ssh-keygen -lf {}` prints on the host; if they are equal: {}",
          key_file(key.type), scan_command(question, key.type))};
}

Error mismatch(const HostKeyQuestion& question, const PublicKey& key, const Mismatch& verdict) {
  auto detail = showed(question, key);
  for (const auto& pinned : verdict.pinned) detail += pinned_line(pinned);
  return {
      "Host key has changed", std::move(detail),
      fmt::format(
          "Someone may be between us and the host. If the host was installed anew, compare the fingerprint "
          "with what `ssh-keygen -lf {}` prints on it, take out the pinned line, then {}",
          key_file(key.type), scan_command(question, key.type))};
}

Error revoked(const HostKeyQuestion& question, const PublicKey& key, const Revoked& verdict) {
  return {"Host key is revoked",
          fmt::format("{}\nrevoked at {}", showed(question, key), printable(to_string(verdict.by.at))),
          "Someone else may have this key. Give the host new host keys, and pin those"};
}

}  // namespace

std::shared_ptr<const KnownHostsFiles> KnownHostsCache::read(
    const std::vector<std::filesystem::path>& files) {
  const std::scoped_lock lock(mutex_);
  auto& entry = read_[files];
  if (entry) return entry;
  auto all = std::make_shared<KnownHostsFiles>();
  std::vector<std::string> absent;
  for (const auto& file : files) {
    std::error_code ignored;
    const auto text = read_file(file, largest_known_hosts);
    if (text)
      all->hosts.add(*text, file.native());
    else
      (std::filesystem::exists(file, ignored) ? all->unread : absent).push_back(text.error().detail);
  }
  // ssh looks for four files by itself; that some are not there is no news.
  if (absent.size() == files.size()) all->unread = std::move(absent);
  return entry = std::move(all);
}

std::vector<std::string> key_types(const KnownHosts& hosts, const HostNames& names) {
  const auto pinned = hosts.types(names);
  std::vector<std::string> types(usual_types.begin(), usual_types.end());
  std::ranges::stable_partition(
      types, [&](const auto& type) { return std::ranges::find(pinned, type) != pinned.end(); });
  return types;
}

std::optional<Error> refusal(const HostKeyQuestion& question, const PublicKey& key) {
  const auto verdict = question.files.hosts.check(question.route.host_names(), key);
  if (const auto* found = std::get_if<Unknown>(&verdict)) return unknown(question, key, *found);
  if (const auto* found = std::get_if<Mismatch>(&verdict)) return mismatch(question, key, *found);
  if (const auto* found = std::get_if<Revoked>(&verdict)) return revoked(question, key, *found);
  return std::nullopt;
}

}  // namespace tidelock::ssh
