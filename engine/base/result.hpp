#pragma once

#include <expected>
#include <string>
#include <utility>

namespace tidelock {

/// Something the world refused: a host that does not answer, a file that cannot be read.
/// What the user wrote wrong is a Diagnostic instead; what we did wrong is an assertion.
struct Error {
  /// Constant text, so that equal failures of many hosts fold into one line.
  std::string summary;
  /// What happened here, in this case; may span lines. Never holds a secret.
  std::string detail;
  /// What the reader can do about it; may be empty.
  std::string advice;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> failure(std::string summary, std::string detail = {},
                                                    std::string advice = {}) {
  return std::unexpected(Error{std::move(summary), std::move(detail), std::move(advice)});
}

/// "summary: detail", for places that have one line.
[[nodiscard]] inline std::string one_line(const Error& error) {
  return error.detail.empty() ? error.summary : error.summary + ": " + error.detail;
}

}  // namespace tidelock
