#include "providers/ssh/private_key.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "engine/base/encoding.hpp"

namespace tidelock::ssh {
namespace {

template <auto free_function>
struct Freed {
  template <class T>
  void operator()(T* handle) const {
    free_function(handle);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string text_of(const std::vector<unsigned char>& bytes) { return {bytes.begin(), bytes.end()}; }

/// What SSH and OpenSSL call a curve, and the digest that goes with it.
struct Curve {
  std::string_view name;
  const char* group;
  const EVP_MD* (*digest)();
};
constexpr std::array<Curve, 3> curves{Curve{"nistp256", "prime256v1", EVP_sha256},
                                      Curve{"nistp384", "secp384r1", EVP_sha384},
                                      Curve{"nistp521", "secp521r1", EVP_sha512}};

const Curve* curve_of(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return nullptr;
  for (const auto& curve : curves)
    if (std::string_view(curve.group) == group.data()) return &curve;
  return nullptr;
}

Number number(std::string_view bytes) {
  return Number(BN_bin2bn(data_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

/// A number as SSH writes it: the shortest way, and never looking negative.
std::string wire_number_of(const BIGNUM* value) {
  std::vector<unsigned char> bytes(static_cast<std::size_t>(BN_num_bytes(value)));
  BN_bn2bin(value, bytes.data());
  if (!bytes.empty() && (bytes.front() & 0x80U) != 0) bytes.insert(bytes.begin(), 0);
  return wire_string(text_of(bytes));
}

Key built(const char* algorithm, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get());
  return Key(key);
}

Key read_ed25519(WireReader& reader) {
  const auto public_bytes = reader.string();
  const auto both = reader.string();
  constexpr std::size_t size = 32;
  if (!public_bytes || !both || both->size() != 2 * size) return nullptr;
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, data_of(*both), size));
}

Key read_ecdsa(WireReader& reader) {
  const auto name = reader.string();
  const auto point = reader.string();
  const auto secret = reader.string();
  if (!name || !point || !secret) return nullptr;
  const auto value = number(*secret);
  const Builder builder(OSSL_PARAM_BLD_new());
  for (const auto& curve : curves) {
    if (curve.name != *name) continue;
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point->data(), point->size());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, value.get());
    return built("EC", builder.get());
  }
  return nullptr;
}

Key read_rsa(WireReader& reader) {
  const Builder builder(OSSL_PARAM_BLD_new());
  std::vector<Number> values;
  for (const auto* name : {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D}) {
    const auto bytes = reader.string();
    if (!bytes) return nullptr;
    values.push_back(number(*bytes));
    OSSL_PARAM_BLD_push_BN(builder.get(), name, values.back().get());
  }
  return built("RSA", builder.get());
}

Key read_openssh(std::string_view body) {
  WireReader reader(body.substr(std::min(body.find('\0') + 1, body.size())));
  for (int i = 0; i < 3; ++i) std::ignore = reader.string();  // cipher, key derivation and its options
  std::ignore = reader.number();                              // how many keys: always one
  std::ignore = reader.string();                              // the public half
  WireReader secret(reader.string().value_or(std::string_view{}));
  const auto check = secret.number();
  if (!check || check != secret.number()) return nullptr;
  const auto type = secret.string().value_or(std::string_view{});
  if (type == "ssh-ed25519") return read_ed25519(secret);
  if (type.starts_with("ecdsa-sha2-")) return read_ecdsa(secret);
  return type == "ssh-rsa" ? read_rsa(secret) : nullptr;
}

Key read_pem(std::string_view text) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
}

std::string encoded_public(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const auto size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
  std::string text(reinterpret_cast<const char*>(bytes), size);
  OPENSSL_free(bytes);
  return text;
}

std::string raw_public(EVP_PKEY* key) {
  std::array<unsigned char, 32> bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) != 1) return {};
  return {bytes.begin(), bytes.begin() + size};
}

std::string rsa_number(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  const Number owner(value);
  return value == nullptr ? std::string{} : wire_number_of(value);
}

std::string public_blob(EVP_PKEY* key) {
  const int kind = EVP_PKEY_get_base_id(key);
  if (kind == EVP_PKEY_ED25519) return wire_string("ssh-ed25519") + wire_string(raw_public(key));
  if (kind == EVP_PKEY_RSA)
    return wire_string("ssh-rsa") + rsa_number(key, OSSL_PKEY_PARAM_RSA_E) +
           rsa_number(key, OSSL_PKEY_PARAM_RSA_N);
  const auto* curve = kind == EVP_PKEY_EC ? curve_of(key) : nullptr;
  if (curve == nullptr) return {};
  return wire_string("ecdsa-sha2-" + std::string(curve->name)) + wire_string(curve->name) +
         wire_string(encoded_public(key));
}

const EVP_MD* digest_for(EVP_PKEY* key, std::string_view algorithm) {
  if (algorithm == "rsa-sha2-512") return EVP_sha512();
  if (algorithm == "rsa-sha2-256") return EVP_sha256();
  const auto* curve = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? curve_of(key) : nullptr;
  return curve == nullptr ? nullptr : curve->digest();  // Ed25519 has its own
}

/// OpenSSL writes the two numbers of an ECDSA signature as ASN.1, SSH as two numbers.
std::string ecdsa_signature(const std::vector<unsigned char>& asn1) {
  const unsigned char* at = asn1.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(asn1.size())));
  if (!signature) return {};
  return wire_number_of(ECDSA_SIG_get0_r(signature.get())) +
         wire_number_of(ECDSA_SIG_get0_s(signature.get()));
}

}  // namespace

std::optional<std::string> openssh_body(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  const auto from = text.find(begin);
  const auto to = text.find("-----END OPENSSH PRIVATE KEY-----");
  if (from == std::string_view::npos || to == std::string_view::npos || to < from) return std::nullopt;
  std::string flat;
  for (const char c : text.substr(from + begin.size(), to - from - begin.size()))
    if (c != '\n' && c != '\r') flat += c;
  return from_base64(flat);
}

std::string_view signature_algorithm(std::string_view login_request) {
  WireReader reader(login_request);
  std::ignore = reader.string();                              // the session
  std::ignore = reader.byte();                                // SSH_MSG_USERAUTH_REQUEST
  for (int i = 0; i < 3; ++i) std::ignore = reader.string();  // user, service, method
  std::ignore = reader.byte();                                // a signature follows
  return reader.string().value_or(std::string_view{});
}

Result<PrivateKey> PrivateKey::parse(std::string_view text) {
  const auto body = openssh_body(text);
  auto key = body ? read_openssh(*body) : read_pem(text);
  auto public_half = key ? public_key(public_blob(key.get())) : std::nullopt;
  if (!public_half)
    return failure("Cannot use key", "its file is damaged, or of a kind that SSH does not use");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(std::move(key)), std::move(*public_half));
}

std::string PrivateKey::sign(std::string_view login_request) const {
  auto* key = static_cast<EVP_PKEY*>(handle_.get());
  const auto* digest = digest_for(key, signature_algorithm(login_request));
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data_of(login_request), login_request.size()) != 1)
    return {};
  std::vector<unsigned char> bytes(size);
  if (EVP_DigestSign(context.get(), bytes.data(), &size, data_of(login_request), login_request.size()) != 1)
    return {};
  bytes.resize(size);
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? ecdsa_signature(bytes) : text_of(bytes);
}

}  // namespace tidelock::ssh
