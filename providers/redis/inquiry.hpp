#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/redis/connection.hpp"
#include "providers/redis/resp/exchange.hpp"

namespace tidelock::redis {

/// Everything that is asked of an instance about these resources, in one go.
[[nodiscard]] Requests inquiry(std::span<const Subject> subjects, const Connection& connection);
/// Those of Redis 6.2 and 7; what a module adds is in none of them.
[[nodiscard]] std::span<const std::string_view> inquiry_categories();
/// A first request, where a password is needed.
void log_in(Requests& requests, const Connection& connection);

/// All questions to an instance and its host.
[[nodiscard]] Script question(std::span<const Subject> subjects, const Connection& connection);
/// What is still to be asked about files.
[[nodiscard]] Script files_question(std::span<const Subject> subjects, std::span<const std::string> paths);

[[nodiscard]] bool is_kind(const Subject& subject, std::string_view kind);
[[nodiscard]] bool any_of_kind(std::span<const Subject> subjects, std::string_view kind);

}  // namespace tidelock::redis
