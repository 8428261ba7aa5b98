#include "providers/ssh/wire.hpp"

#include <array>

#include "engine/base/digest.hpp"
#include "engine/base/encoding.hpp"
#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

unsigned hex_value(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    bytes += static_cast<char>(hex_value(digits[at]) << 4U | hex_value(digits[at + 1]));
  return bytes;
}

}  // namespace

std::optional<std::string_view> WireReader::take(std::size_t size) {
  if (rest_.size() < size) return std::nullopt;
  const auto taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::optional<std::uint8_t> WireReader::byte() {
  const auto bytes = take(1);
  if (!bytes) return std::nullopt;
  return static_cast<std::uint8_t>(bytes->front());
}

std::optional<std::uint32_t> WireReader::number() {
  const auto bytes = take(4);
  if (!bytes) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : *bytes) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

std::optional<std::string_view> WireReader::string() {
  const auto size = number();
  if (!size) return std::nullopt;
  return take(*size);
}

std::string wire_number(std::uint32_t number) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(number >> shift & 0xFFU);
  return bytes;
}

std::string wire_string(std::string_view bytes) {
  return wire_number(static_cast<std::uint32_t>(bytes.size())).append(bytes);
}

std::optional<PublicKey> public_key(std::string_view blob) {
  WireReader reader(blob);
  const auto type = reader.string();
  if (!type || type->empty() || reader.at_end()) return std::nullopt;
  while (!reader.at_end()) {
    if (!reader.string()) return std::nullopt;
  }
  return PublicKey{std::string(*type), std::string(blob)};
}

std::string fingerprint(std::string_view blob) {
  auto digest = to_base64(from_hex(sha256_hex(blob)));
  digest.resize(digest.find_last_not_of('=') + 1);
  return "SHA256:" + digest;
}

std::string described(const PublicKey& key) { return printable(key.type) + " " + fingerprint(key.blob); }

}  // namespace tidelock::ssh
