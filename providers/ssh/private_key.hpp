#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

/// A private key that needs no passphrase, ready to sign. It may be used by many threads at once. Ours and
/// not libssh2's, which reads the file twice for each login and leaks parts of ECDSA keys.
class PrivateKey {
 public:
  /// Reads OpenSSH's own format (PROTOCOL.key) and the older ones that OpenSSL knows.
  [[nodiscard]] static Result<PrivateKey> parse(std::string_view text);

  [[nodiscard]] const PublicKey& public_half() const { return public_half_; }
  /// The signature over a login request (RFC 4252, section 7), without its algorithm's name; empty when
  /// OpenSSL fails.
  [[nodiscard]] std::string sign(std::string_view login_request) const;

 private:
  PrivateKey(std::shared_ptr<void> handle, PublicKey public_half)
      : handle_(std::move(handle)), public_half_(std::move(public_half)) {}

  std::shared_ptr<void> handle_;  ///< an EVP_PKEY
  PublicKey public_half_;
};

/// The bytes of OpenSSH's own format, without its lines of text; none when it is another format.
[[nodiscard]] std::optional<std::string> openssh_body(std::string_view text);

/// The signature algorithm that a login request names: "ssh-ed25519", "rsa-sha2-512".
[[nodiscard]] std::string_view signature_algorithm(std::string_view login_request);

}  // namespace tidelock::ssh
