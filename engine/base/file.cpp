#include "engine/base/file.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int number) {
  return failure(fmt::format("Cannot {} file", what),
                 fmt::format("{}: {}", shown(path.native()), errno_text(number)));
}

Result<std::string> read_all(int fd, const std::filesystem::path& path, std::uint64_t limit) {
  std::string content;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot("read", path, errno);
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > limit) return cannot("read", path, EFBIG);
  }
}

Result<void> write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const auto put = write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return cannot("write", path, errno);
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileDescriptor::reset() noexcept {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

std::string errno_text(int number) { return std::generic_category().message(number); }

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return cannot("read", path, errno);
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return cannot("read", path, errno);
  if (!S_ISREG(info.st_mode))
    return failure("Cannot read file", fmt::format("{} is not a regular file", shown(path.native())));
  if (static_cast<std::uint64_t>(info.st_size) > limit)
    return failure("File is too large",
                   fmt::format("{} has {}, more than {}", shown(path.native()),
                               human_bytes(static_cast<std::uint64_t>(info.st_size)), human_bytes(limit)));
  return read_all(file.get(), path, limit);
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code ignored;
  const auto before = umask(077);
  std::filesystem::create_directories(parent, ignored);
  umask(before);
  const auto temporary = parent / fmt::format(".tidelock-{}", random_hex(8));
  FileDescriptor file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return cannot("write", path, errno);
  auto done = write_all(file.get(), content, path);
  if (done && (fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0)) done = cannot("write", path, errno);
  file.reset();
  if (done && rename(temporary.c_str(), path.c_str()) != 0) done = cannot("write", path, errno);
  if (!done) {
    unlink(temporary.c_str());
    return done;
  }
  const FileDescriptor folder(open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.valid()) fsync(folder.get());
  return {};
}

}  // namespace tidelock
