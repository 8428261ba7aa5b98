#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "providers/redis/connection.hpp"
#include "providers/redis/instance.hpp"

namespace tidelock::redis {

/// What steps need of what was found.
[[nodiscard]] std::shared_ptr<const Found> found_for(const Instance& instance);
/// Why the instance cannot save to that file; empty where it can.
[[nodiscard]] std::string saving_obstacle(const Instance& instance, const std::string& path);
/// The files of an instance that matter for these resources.
[[nodiscard]] std::vector<std::string> saved_paths(const Instance& instance,
                                                   std::span<const Subject> subjects);
/// What the host keeps before a change: the file that is saved to, if it is there.
[[nodiscard]] std::vector<BeforeImage> images_of(const Instance& instance, const std::string& path);
/// What the ledger is to remember of a resource.
[[nodiscard]] Memory memory_for(const Instance& instance);

}  // namespace tidelock::redis
