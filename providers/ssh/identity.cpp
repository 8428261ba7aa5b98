#include "providers/ssh/identity.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/encoding.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::uint64_t largest_key_file = 1U << 20U;

std::optional<PublicKey> public_file(const std::filesystem::path& file) {
  const auto text = read_file(file, largest_key_file);
  return text ? parse_public_line(*text) : std::nullopt;
}

std::filesystem::path beside(const std::filesystem::path& file) { return file.native() + ".pub"; }

/// A key in OpenSSH's format that needs a passphrase: its public half is in clear (PROTOCOL.key).
std::optional<PublicKey> locked_openssh(std::string_view body) {
  WireReader reader(body.substr(std::min(body.find('\0') + 1, body.size())));
  const auto cipher = reader.string();
  if (!cipher || *cipher == "none") return std::nullopt;
  for (int i = 0; i < 2; ++i) std::ignore = reader.string();  // key derivation and its options
  std::ignore = reader.number();                              // how many keys: always one
  return public_key(reader.string().value_or(std::string_view{}));
}

bool is_locked_pem(std::string_view text) {
  return text.contains("Proc-Type: 4,ENCRYPTED") || text.contains("BEGIN ENCRYPTED PRIVATE KEY");
}

std::optional<mode_t> too_open(const std::filesystem::path& file) {
  struct stat info{};
  if (stat(file.c_str(), &info) != 0 || info.st_uid != geteuid()) return std::nullopt;
  if ((info.st_mode & 077U) == 0) return std::nullopt;
  return info.st_mode & 07777U;
}

Result<Identity> read_private(const std::filesystem::path& file, std::string_view text) {
  if (const auto mode = too_open(file))
    return failure("Cannot use key",
                   fmt::format("its mode {:04o} lets others read it; ssh wants 0600", *mode));
  Identity identity;
  identity.file = file;
  const auto body = openssh_body(text);
  if (body) identity.key = locked_openssh(*body);
  if (!body && is_locked_pem(text)) identity.key = public_file(beside(file));
  identity.locked = identity.key.has_value() || is_locked_pem(text);
  if (identity.locked) return identity;
  auto key = PrivateKey::parse(text);
  if (!key) return std::unexpected(key.error());
  identity.key = key->public_half();
  identity.private_key = std::move(*key);
  return identity;
}

}  // namespace

std::optional<PublicKey> parse_public_line(std::string_view text) {
  const auto line = trim(text.substr(0, text.find('\n')));
  const auto words = split(line, ' ');
  if (words.size() < 2) return std::nullopt;
  const auto blob = from_base64(words[1]);
  auto key = blob ? public_key(*blob) : std::nullopt;
  return key && key->type == words[0] ? key : std::nullopt;
}

std::string public_line(const PublicKey& key) { return fmt::format("{} {}", key.type, to_base64(key.blob)); }

Result<Identity> read_identity(const std::filesystem::path& file) {
  const auto text = read_file(file, largest_key_file);
  if (text && text->contains("PRIVATE KEY-----")) return read_private(file, *text);
  Identity identity;
  identity.file = file;
  identity.key = text ? parse_public_line(*text) : public_file(beside(file));
  if (identity.key) return identity;
  if (!text) return std::unexpected(text.error());
  return failure("Cannot use key", "it is no SSH key");
}

Result<Identity> IdentityCache::read(const std::filesystem::path& file) {
  const std::scoped_lock lock(mutex_);
  const auto known = read_.find(file);
  if (known != read_.end()) return known->second;
  return read_.emplace(file, read_identity(file)).first->second;
}

}  // namespace tidelock::ssh
