#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "providers/redis/instance.hpp"

namespace tidelock::redis {

/// Clients that are logged in as that user, but for ourselves: "client 127.0.0.1:41234 (worker)".
[[nodiscard]] std::vector<std::string> clients_of(const Instance& instance, std::string_view user);

}  // namespace tidelock::redis
