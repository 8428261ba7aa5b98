#pragma once

#include <filesystem>
#include <mutex>
#include <string>

#include "engine/base/result.hpp"

namespace tidelock::ssh {

/// A folder that nobody else can enter, for sockets and for what ssh is to read. Made when first asked for,
/// removed at the end of its scope. Its path has no character that needs quoting anywhere and is short enough
/// for a socket below it.
class PrivateFolder {
 public:
  PrivateFolder() = default;
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  /// May be called from several threads.
  [[nodiscard]] Result<std::filesystem::path> path();
  /// A new folder inside, for one use.
  [[nodiscard]] Result<std::filesystem::path> subfolder();

 private:
  std::mutex mutex_;
  std::filesystem::path path_;
};

}  // namespace tidelock::ssh
