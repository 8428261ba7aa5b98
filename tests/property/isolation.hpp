#pragma once

#include <functional>

namespace tidelock::property {

/// An empty file system in memory, as long as `in_isolation` runs.
inline constexpr const char* memory = "/mnt";

/// Runs `work` in a process with mounts and processes of its own, and gives what it returned. However that
/// ends, also by SIGKILL for us, nothing of it is left: the kernel takes both away with its last process.
[[nodiscard]] int in_isolation(const std::function<int()>& work);

}  // namespace tidelock::property
