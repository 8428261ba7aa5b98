#include "providers/ssh/ssh_config.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::string_view host_alias = "host";

/// A value in quotes, as ssh_config(5) takes it.
std::string config_word(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

/// `%` begins a token: the zone of a link-local address has one.
std::string without_tokens(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

/// Links give odd paths a plain name, so that nothing in the configuration needs more quoting than ssh
/// understands.
Result<void> link(const std::filesystem::path& target, const std::filesystem::path& name) {
  if (symlink(target.c_str(), name.c_str()) == 0) return {};
  return failure("Cannot write file", fmt::format("{}: {}", shown(name.native()), errno_text(errno)));
}

std::string host_key_algorithms(const PublicKey& key) {
  return key.type == "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : key.type;
}

/// The key under the name `identity`: the private file, or the public half of one that an agent holds.
Result<void> put_identity(const std::filesystem::path& folder, const LoginKey& key) {
  if (key.agent_socket.empty()) return link(key.file, folder / "identity");
  if (auto linked = link(key.agent_socket, folder / "agent"); !linked) return linked;
  return replace_file(folder / "identity", public_line(key.key) + "\n", 0600);
}

std::string config_text(const std::filesystem::path& folder, const ProvenLogin& login) {
  const bool by_agent = !login.key.agent_socket.empty();
  // The quickest algorithms first: the newer default key exchange alone costs us 60 ms.
  return fmt::format(
      "Host *\n"
      "HostName {}\n"
      "Port {}\n"
      "User {}\n"
      "HostKeyAlias {}\n"
      "HostKeyAlgorithms {}\n"
      "UserKnownHostsFile {}\n"
      "GlobalKnownHostsFile /dev/null\n"
      "StrictHostKeyChecking yes\n"
      "UpdateHostKeys no\n"
      "IdentityFile {}\n"
      "IdentitiesOnly yes\n"
      "IdentityAgent {}\n"
      "PreferredAuthentications publickey\n"
      "BatchMode yes\n"
      "Ciphers ^aes128-gcm@openssh.com\n"
      "KexAlgorithms ^curve25519-sha256\n"
      "Compression no\n"
      "ConnectTimeout 15\n"
      "ServerAliveInterval 5\n"
      "ServerAliveCountMax 3\n"
      "ControlMaster no\n"
      "ControlPath none\n"
      "ClearAllForwardings yes\n"
      "ForwardAgent no\n"
      "PermitLocalCommand no\n"
      "LogLevel ERROR\n",
      config_word(without_tokens(login.address)), login.port, config_word(login.user), host_alias,
      host_key_algorithms(login.host_key), (folder / "known_hosts").native(), (folder / "identity").native(),
      by_agent ? (folder / "agent").native() : "none");
}

}  // namespace

Result<std::filesystem::path> write_ssh_config(const std::filesystem::path& folder,
                                               const ProvenLogin& login) {
  if (auto put = put_identity(folder, login.key); !put) return std::unexpected(put.error());
  const auto known = fmt::format("{} {}\n", host_alias, public_line(login.host_key));
  if (auto put = replace_file(folder / "known_hosts", known, 0600); !put) return std::unexpected(put.error());
  auto config = folder / "config";
  if (auto put = replace_file(config, config_text(folder, login), 0600); !put)
    return std::unexpected(put.error());
  return config;
}

}  // namespace tidelock::ssh
