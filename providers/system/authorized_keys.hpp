#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::system {

/// How a line of an authorized_keys file is compared and shown: options, type, fingerprint, comment. None for
/// what is no key.
[[nodiscard]] std::optional<std::string> key_in_short(std::string_view line);

/// Lines that count: not empty, no comments, without white space around them.
[[nodiscard]] std::vector<std::string_view> key_lines(std::string_view text);

/// The lines of a file in short, in order, each once. What is no key stands there by its digest: the file is
/// under a user's control, and its text might be anything.
[[nodiscard]] std::vector<std::string> keys_in_short(std::string_view text);

}  // namespace tidelock::system
