#pragma once

#include <cstdint>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"

namespace tidelock::ssh {

enum class Waited : std::uint8_t { ready, late, cancelled };

/// Waits until poll(2) says one of `events`, or an error, of a descriptor.
[[nodiscard]] Waited wait_for(int fd, short events, Deadline deadline, const Cancellation& cancel);

}  // namespace tidelock::ssh
