#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "providers/nginx/configuration/text.hpp"

namespace tidelock::nginx {

/// What a `listen` directive names.
struct Listen {
  std::string_view address;  ///< as it is written: "10.0.0.1", "[::1]", "*"; empty for any
  std::int64_t port = 80;
  bool tls = false;
};

/// None for a socket in the file system.
[[nodiscard]] std::optional<Listen> parse_listen(const Directive& directive);

}  // namespace tidelock::nginx
