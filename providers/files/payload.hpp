#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/base/secret.hpp"
#include "engine/model/declaration.hpp"

namespace tidelock::files {

/// Where the bytes of a file or image are.
struct Content final : Payload {
  std::string sha256;
  std::uint64_t size = 0;
  /// The bytes, where they are few enough to travel inside a script. A Secret in every case: it costs
  /// nothing.
  std::optional<Secret> bytes;
  std::filesystem::path source;  ///< where the bytes are otherwise
  std::string kept;              ///< or on the host itself, when they were there before: a path there
  bool secret = false;
};

/// Content up to this size travels inside a script; more is uploaded.
inline constexpr std::uint64_t inline_limit = 1'000'000;

/// Nobody has the bytes any more.
[[nodiscard]] inline bool is_lost(const Content& content) {
  return !content.bytes && content.source.empty() && content.kept.empty();
}

[[nodiscard]] inline const Content* content_of(const Declaration& declaration) {
  return dynamic_cast<const Content*>(declaration.payload.get());
}

}  // namespace tidelock::files
