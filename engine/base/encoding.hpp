#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tidelock {

[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
[[nodiscard]] std::string to_hex(std::span<const unsigned char> bytes);

/// RFC 4648 base64 with padding. `line` > 0 breaks the output after that many characters.
[[nodiscard]] std::string to_base64(std::string_view bytes, std::size_t line = 0);
/// None unless the whole text is padded base64; white space is not skipped.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace tidelock
