#include "providers/ssh/askpass.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "providers/ssh/unix_socket.hpp"
#include "providers/ssh/waiting.hpp"

namespace tidelock {

int askpass_main() {
  const char* path = std::getenv(askpass_variable);
  auto socket = ssh::connect_unix(path == nullptr ? "" : path);
  if (!socket) return 1;
  const Cancellation never;
  std::string passphrase;
  std::array<char, 1024> buffer{};
  while (ssh::wait_for(socket->get(), POLLIN, Deadline::in(std::chrono::seconds(10)), never) ==
         ssh::Waited::ready) {
    const auto got = recv(socket->get(), buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    passphrase.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (passphrase.empty()) return 1;
  return std::puts(passphrase.c_str()) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

namespace ssh {
namespace {

bool is_ours(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

}  // namespace

Result<AskpassSocket> AskpassSocket::open(const std::filesystem::path& path) {
  auto listener = listen_unix(path);
  if (!listener) return std::unexpected(std::move(listener.error()));
  return AskpassSocket(std::move(*listener));
}

void AskpassSocket::answer(const Secret* passphrase) const {
  const FileDescriptor caller(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!caller.valid() || passphrase == nullptr || !is_ours(caller.get())) return;
  // Shorter than any socket's buffer, so that it goes at once or not at all.
  const auto& bytes = passphrase->reveal();
  std::ignore = send(caller.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace ssh
}  // namespace tidelock
