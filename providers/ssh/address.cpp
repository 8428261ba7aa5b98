#include "providers/ssh/address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/waiting.hpp"

namespace tidelock::ssh {
namespace {

std::optional<Endpoint> numeric(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  Endpoint endpoint;
  endpoint.size = found->ai_addrlen;
  std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return endpoint;
}

std::unexpected<Error> no_such_name(const std::string& host, std::string_view why) {
  return failure("Name cannot be resolved", fmt::format("{}: {}", shown(host), why),
                 "Give the node an address in the manifest, or put its name into /etc/hosts");
}

/// The bytes that make an address what it is, without port, flow or scope.
std::string_view raw_address(const sockaddr* address) {
  const auto* bytes = reinterpret_cast<const char*>(address);
  if (address->sa_family == AF_INET) return {bytes + offsetof(sockaddr_in, sin_addr), sizeof(in_addr)};
  if (address->sa_family == AF_INET6) return {bytes + offsetof(sockaddr_in6, sin6_addr), sizeof(in6_addr)};
  return {};
}

bool is_loopback(const Endpoint& endpoint) {
  const auto raw = raw_address(reinterpret_cast<const sockaddr*>(&endpoint.address));
  if (endpoint.address.ss_family == AF_INET) return raw.front() == 127;
  return raw == std::string_view(reinterpret_cast<const char*>(&in6addr_loopback), sizeof in6addr_loopback);
}

bool has_address(const ifaddrs* list, const Endpoint& endpoint) {
  const auto wanted = raw_address(reinterpret_cast<const sockaddr*>(&endpoint.address));
  for (const auto* entry = list; entry != nullptr; entry = entry->ifa_next)
    if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == endpoint.address.ss_family &&
        raw_address(entry->ifa_addr) == wanted)
      return true;
  return false;
}

void set_port(Endpoint& endpoint, std::uint16_t port) {
  auto* address =
      reinterpret_cast<sockaddr_in6*>(&endpoint.address);  // the port is at the same place in both
  address->sin6_port = htons(port);
}

void set_option(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

/// Small packets go at once, and a peer that vanished is noticed within half a minute also when we only
/// listen.
void tune(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 10);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
}

int pending_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

/// 0, or the errno of the failure; ECANCELED on cancellation.
int connect_one(int socket, const Endpoint& endpoint, Deadline deadline, const Cancellation& cancel) {
  tune(socket);
  if (connect(socket, reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  switch (wait_for(socket, POLLOUT, deadline, cancel)) {
    case Waited::cancelled:
      return ECANCELED;
    case Waited::late:
      return ETIMEDOUT;
    case Waited::ready:
      break;
  }
  return pending_error(socket);
}

std::unexpected<Error> no_connection(const std::string& whom, int error) {
  if (error == ECANCELED) return failure("Interrupted", fmt::format("while connecting to {}", whom));
  if (error == ECONNREFUSED)
    return failure("Host refused the connection", fmt::format("{}: nothing listens there", whom),
                   "Start sshd on the host, or set the node's port in the manifest");
  return failure("Host did not answer", fmt::format("{}: {}", whom, errno_text(error)),
                 "See whether the host is up and can be reached from here");
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  std::array<char, NI_MAXHOST> text{};
  getnameinfo(reinterpret_cast<const sockaddr*>(&endpoint.address), endpoint.size, text.data(), text.size(),
              nullptr, 0, NI_NUMERICHOST);
  return text.data();
}

Result<std::vector<Endpoint>> resolve(const std::string& host, Deadline deadline,
                                      const Cancellation& cancel) {
  if (const auto endpoint = numeric(host)) return std::vector{*endpoint};
  const std::vector<std::string> command{"getent", "ahosts", "--", host};
  const auto said = run_process(command, {}, deadline, cancel);
  if (!said && cancel.triggered()) return std::unexpected(said.error());
  if (!said) return no_such_name(host, one_line(said.error()));
  std::vector<Endpoint> endpoints;
  for (const auto line : split(said->output, '\n')) {
    if (!line.contains("STREAM")) continue;  // each address is listed for every kind of socket
    if (const auto endpoint = numeric(std::string(line.substr(0, line.find(' ')))))
      endpoints.push_back(*endpoint);
  }
  if (endpoints.empty()) return no_such_name(host, "no name service of this machine knows it");
  return endpoints;
}

bool is_this_machine(const std::vector<Endpoint>& endpoints) {
  if (std::ranges::all_of(endpoints, is_loopback)) return true;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  return std::ranges::all_of(endpoints, [&](const Endpoint& endpoint) {
    return is_loopback(endpoint) || has_address(list, endpoint);
  });
}

Result<TcpConnection> connect_tcp(const std::vector<Endpoint>& endpoints, std::uint16_t port,
                                  const std::string& whom, Deadline deadline, const Cancellation& cancel) {
  int error = EHOSTUNREACH;
  auto left = static_cast<int>(endpoints.size());
  for (auto endpoint : endpoints) {
    set_port(endpoint, port);
    FileDescriptor socket(
        ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto share = Deadline::in((deadline.moment() - Clock::now()) / left--);
    error = socket.valid() ? connect_one(socket.get(), endpoint, share, cancel) : errno;
    if (error == 0) return TcpConnection{std::move(socket), endpoint};
    if (error == ECANCELED) break;
  }
  return no_connection(whom, error);
}

}  // namespace tidelock::ssh
