#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "engine/base/result.hpp"

namespace tidelock {

/// An open file descriptor, closed at the end of its scope.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// The whole of a regular file. Refused: anything that is no regular file (a FIFO would block for ever), and
/// files of more than `limit` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit);

/// Puts a file in place by rename after fsync, so that a crash leaves the old or the new one. Missing parents
/// are made with mode 0700.
[[nodiscard]] Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                                        mode_t mode);

/// "No such file or directory" and the like, for an errno value.
[[nodiscard]] std::string errno_text(int number);

}  // namespace tidelock
