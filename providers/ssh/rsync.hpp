#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"
#include "engine/probe/session.hpp"

namespace tidelock::ssh {

/// How rsync gets to a host: rsh.sh, with the configuration of ssh and the word before which nothing counts.
struct RemoteShell {
  std::filesystem::path script;
  std::filesystem::path ssh_config;
  std::string mark;
};

/// The rsync command for an upload: through this shell, or, without one, on this machine.
[[nodiscard]] std::vector<std::string> rsync_command(const Upload& upload,
                                                     const std::optional<RemoteShell>& shell);

/// The bytes done that a line of rsync's progress tells.
[[nodiscard]] std::optional<std::uint64_t> progress_in(std::string_view line);

/// The error for an rsync that ended with `status` and said this on stderr.
[[nodiscard]] Error rsync_error(const std::string& whom, int status, std::string_view errors);

/// What an upload needs besides itself.
struct RsyncRun {
  std::optional<RemoteShell> shell;
  std::string whom;  ///< as messages call the host
};

/// Uploads a file or folder. Cancellation and the deadline kill rsync and its ssh; what arrived stays.
[[nodiscard]] Result<void> run_rsync(const Upload& upload, const RsyncRun& run,
                                     const std::function<void(std::uint64_t)>& progress, Deadline deadline,
                                     const Cancellation& cancel);

}  // namespace tidelock::ssh
