#include "engine/base/encoding.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace tidelock {

std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out += digits[std::to_integer<unsigned>(byte) >> 4U];
    out += digits[std::to_integer<unsigned>(byte) & 0xFU];
  }
  return out;
}

std::string to_hex(std::span<const unsigned char> bytes) { return to_hex(std::as_bytes(bytes)); }

std::string to_base64(std::string_view bytes, std::size_t line) {
  std::string flat((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock writes a NUL behind its output
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* out = reinterpret_cast<unsigned char*>(flat.data());
  const int size = EVP_EncodeBlock(out, in, static_cast<int>(bytes.size()));
  flat.resize(static_cast<std::size_t>(size));
  if (line == 0) return flat;
  std::string broken;
  broken.reserve(flat.size() + flat.size() / line + 1);
  for (std::size_t at = 0; at < flat.size(); at += line) broken.append(flat, at, line).push_back('\n');
  return broken;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.find_first_of(" \t\r\n") != std::string_view::npos) return std::nullopt;  // EVP would skip these
  std::string bytes(text.size() / 4 * 3, '\0');
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (EVP_DecodeBlock(out, in, static_cast<int>(text.size())) < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  return bytes.substr(0, bytes.size() - std::min(padding, bytes.size()));
}

}  // namespace tidelock
