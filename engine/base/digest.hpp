#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tidelock {

/// Running SHA-256 (FIPS 180-4, by OpenSSL).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits. The object is spent afterwards.
  [[nodiscard]] std::string hex() &&;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// HMAC-SHA-256 in hexadecimal: how a secret is compared without keeping it.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);
/// HMAC-SHA-1, raw: only for hashed names in known_hosts files (ssh-keygen(1), -H).
[[nodiscard]] std::string hmac_sha1(std::string_view key, std::string_view bytes);

/// Unpredictable bytes from the kernel, in hexadecimal (two digits a byte).
[[nodiscard]] std::string random_hex(std::size_t bytes);

}  // namespace tidelock
