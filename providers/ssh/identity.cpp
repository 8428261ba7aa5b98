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
constexpr std::string_view openssh_begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view openssh_end = "-----END OPENSSH PRIVATE KEY-----";

/// The bytes between the BEGIN and END lines of OpenSSH's own format.
std::optional<std::string> openssh_body(std::string_view text) {
  const auto begin = text.find(openssh_begin);
  const auto end = text.find(openssh_end);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
  std::string flat;
  for (const char c : text.substr(begin + openssh_begin.size(), end - begin - openssh_begin.size()))
    if (c != '\n' && c != '\r') flat += c;
  return from_base64(flat);
}

/// OpenSSH's format keeps the public key in clear (PROTOCOL.key).
bool read_openssh(std::string_view text, Identity& identity) {
  const auto body = openssh_body(text);
  constexpr std::string_view magic("openssh-key-v1\0", 15);
  if (!body || !body->starts_with(magic)) return false;
  WireReader reader(std::string_view(*body).substr(magic.size()));
  const auto cipher = reader.string();
  const auto derivation = reader.string();
  const auto options = reader.string();
  const auto count = reader.number();
  const auto blob = reader.string();
  if (!cipher || !derivation || !options || count != 1U || !blob) return false;
  identity.encrypted = *cipher != "none";
  identity.key = public_key(*blob);
  return identity.key.has_value();
}

std::optional<PublicKey> public_file(const std::filesystem::path& file) {
  const auto text = read_file(file, largest_key_file);
  return text ? parse_public_line(*text) : std::nullopt;
}

std::filesystem::path beside(const std::filesystem::path& file) { return file.native() + ".pub"; }

/// Old formats say nothing of the public key but its kind.
void read_pem(std::string_view text, Identity& identity) {
  identity.encrypted =
      text.contains("Proc-Type: 4,ENCRYPTED") || text.contains("BEGIN ENCRYPTED PRIVATE KEY");
  identity.key = public_file(beside(identity.file));
  if (!identity.key && text.contains("BEGIN RSA PRIVATE KEY")) identity.key = PublicKey{"ssh-rsa", {}};
}

std::optional<mode_t> too_open(const std::filesystem::path& file) {
  struct stat info{};
  if (stat(file.c_str(), &info) != 0 || info.st_uid != geteuid()) return std::nullopt;
  if ((info.st_mode & 077U) == 0) return std::nullopt;
  return info.st_mode & 07777U;
}

Result<Identity> read_private(const std::filesystem::path& file, const std::string& text) {
  if (const auto mode = too_open(file))
    return failure("Cannot use key",
                   fmt::format("its mode {:04o} lets others read it; ssh wants 0600", *mode));
  Identity identity{.file = file, .key = {}, .private_text = {}, .encrypted = false};
  if (text.contains(openssh_begin)) {
    if (!read_openssh(text, identity)) return failure("Cannot use key", "its file is damaged");
  } else {
    read_pem(text, identity);
  }
  identity.private_text.emplace(text);
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

Result<Identity> read_identity(const std::filesystem::path& file) {
  auto text = read_file(file, largest_key_file);
  if (text && text->contains("PRIVATE KEY-----")) return read_private(file, *text);
  auto key = text ? parse_public_line(*text) : public_file(beside(file));
  if (key) return Identity{.file = file, .key = std::move(key), .private_text = {}, .encrypted = false};
  if (!text) return std::unexpected(text.error());
  return failure("Cannot use key", "it is no SSH key");
}

}  // namespace tidelock::ssh
