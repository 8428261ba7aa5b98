#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidelock::ssh {

/// Reads SSH's own encoding of data (RFC 4251, section 5) from front to back. What does not fit gives none.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::optional<std::uint8_t> byte();
  [[nodiscard]] std::optional<std::uint32_t> number();
  [[nodiscard]] std::optional<std::string_view> string();
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  [[nodiscard]] std::optional<std::string_view> take(std::size_t size);
  std::string_view rest_;
};

[[nodiscard]] std::string wire_number(std::uint32_t number);
[[nodiscard]] std::string wire_string(std::string_view bytes);

/// A public key: its type, "ssh-ed25519", and the bytes that a server shows and known_hosts keeps in base64.
struct PublicKey {
  std::string type;
  std::string blob;

  bool operator==(const PublicKey&) const = default;
};

/// None unless the blob is a type and then at least one more field, with nothing cut off and nothing behind.
[[nodiscard]] std::optional<PublicKey> public_key(std::string_view blob);

/// "SHA256:…", as ssh-keygen -l writes it.
[[nodiscard]] std::string fingerprint(std::string_view blob);
/// "ssh-ed25519 SHA256:…"
[[nodiscard]] std::string described(const PublicKey& key);

}  // namespace tidelock::ssh
