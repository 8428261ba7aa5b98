#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/file.hpp"
#include "engine/base/result.hpp"

namespace tidelock::ssh {

/// A numeric address of a host, without a port.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

/// "192.168.122.252", "fe80::1%eth0"
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

/// The addresses of a host: itself when it is numeric, else what this machine's name services say. They are
/// asked in a child process, since they can keep a thread for minutes and obey no deadline.
[[nodiscard]] Result<std::vector<Endpoint>> resolve(const std::string& host, Deadline deadline,
                                                    const Cancellation& cancel);

/// Whether all of these are addresses of the machine we run on.
[[nodiscard]] bool is_this_machine(const std::vector<Endpoint>& endpoints);

/// A connected, non-blocking socket and where it leads.
struct TcpConnection {
  FileDescriptor socket;
  Endpoint peer;
};

/// Tries the addresses one after the other; the last failure counts.
[[nodiscard]] Result<TcpConnection> connect_tcp(const std::vector<Endpoint>& endpoints, std::uint16_t port,
                                                const std::string& whom, Deadline deadline,
                                                const Cancellation& cancel);

}  // namespace tidelock::ssh
