#pragma once

#include <memory>
#include <string>

#include "engine/probe/session.hpp"
#include "providers/ssh/client.hpp"

namespace tidelock::ssh {

/// Starts `command` on the host and sends it `program` as the beginning of its stdin, in one go: the host's
/// word that the command started is not waited for in between.
[[nodiscard]] Result<std::unique_ptr<Exchange>> start_exchange(const std::shared_ptr<Client>& client,
                                                               const char* command, std::string_view program,
                                                               Deadline deadline);

}  // namespace tidelock::ssh
