#include "providers/ssh/unix_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

std::optional<sockaddr_un> unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& name = path.native();
  if (name.empty() || name.size() >= sizeof address.sun_path) return std::nullopt;
  std::ranges::copy(name, std::begin(address.sun_path));
  return address;
}

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& path, int number) {
  return failure(fmt::format("Cannot {} socket", what),
                 fmt::format("{}: {}", shown(path.native()), errno_text(number)));
}

FileDescriptor make_socket() {
  return FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

Result<FileDescriptor> connect_unix(const std::filesystem::path& path) {
  const auto address = unix_address(path);
  if (!address) return cannot("reach", path, ENAMETOOLONG);
  auto socket = make_socket();
  if (!socket.valid()) return cannot("reach", path, errno);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
    return cannot("reach", path, errno);
  return socket;
}

Result<FileDescriptor> listen_unix(const std::filesystem::path& path) {
  const auto address = unix_address(path);
  if (!address) return cannot("open", path, ENAMETOOLONG);
  auto socket = make_socket();
  if (!socket.valid()) return cannot("open", path, errno);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
      listen(socket.get(), SOMAXCONN) != 0)
    return cannot("open", path, errno);
  return socket;
}

}  // namespace tidelock::ssh
