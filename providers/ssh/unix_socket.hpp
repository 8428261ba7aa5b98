#pragma once

#include <filesystem>

#include "engine/base/file.hpp"
#include "engine/base/result.hpp"

namespace tidelock::ssh {

/// A non-blocking connection to a socket of this machine.
[[nodiscard]] Result<FileDescriptor> connect_unix(const std::filesystem::path& path);

/// A socket that listens there, for us alone when the folder is ours alone.
[[nodiscard]] Result<FileDescriptor> listen_unix(const std::filesystem::path& path);

}  // namespace tidelock::ssh
