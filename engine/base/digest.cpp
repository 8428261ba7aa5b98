#include "engine/base/digest.hpp"

#include <cassert>
#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "engine/base/encoding.hpp"

namespace tidelock {

struct Sha256::Context {
  EVP_MD_CTX* handle = EVP_MD_CTX_new();
  Context() { EVP_DigestInit_ex(handle, EVP_sha256(), nullptr); }
  ~Context() { EVP_MD_CTX_free(handle); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(context_->handle, bytes.data(), bytes.size());
  return *this;
}

std::string Sha256::hex() && {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->handle, digest.data(), &size);
  return to_hex(std::span(digest).first(size));
}

std::string sha256_hex(std::string_view bytes) { return std::move(Sha256().add(bytes)).hex(); }

namespace {

std::string hmac(const EVP_MD* method, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  HMAC(method, key.data(), static_cast<int>(key.size()), data, bytes.size(), digest.data(), &size);
  return {digest.begin(), digest.begin() + size};
}

}  // namespace

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
  const auto raw = hmac(EVP_sha256(), key, bytes);
  return to_hex(std::as_bytes(std::span(raw)));
}

std::string hmac_sha1(std::string_view key, std::string_view bytes) { return hmac(EVP_sha1(), key, bytes); }

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  // Without random bytes nothing here is safe to do: nonces frame every answer of a host.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes)) != 1) std::abort();
  return to_hex(std::as_bytes(std::span(raw)));
}

}  // namespace tidelock
