#include "providers/ssh/agent.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include "engine/base/text.hpp"
#include "providers/ssh/private_key.hpp"
#include "providers/ssh/unix_socket.hpp"
#include "providers/ssh/waiting.hpp"

namespace tidelock::ssh {
namespace {

constexpr char request_identities = 11;
constexpr std::uint8_t identities_answer = 12;
constexpr char sign_request = 13;
constexpr std::uint8_t sign_response = 14;
constexpr std::uint32_t largest_answer = 256 * 1024;  // what OpenSSH allows

/// Which of RSA's two good algorithms a login request asks for; 0 for other keys.
std::uint32_t signature_flags(std::string_view login_request) {
  const auto algorithm = signature_algorithm(login_request);
  if (algorithm == "rsa-sha2-256") return 2;
  return algorithm == "rsa-sha2-512" ? 4 : 0;
}

}  // namespace

Result<Agent> Agent::connect(const std::filesystem::path& socket, const Cancellation& cancel) {
  auto connection = connect_unix(socket);
  if (!connection) return std::unexpected(std::move(connection.error()));
  return Agent(std::move(*connection), socket, cancel);
}

Result<std::vector<AgentKey>> Agent::keys(Deadline deadline) {
  const auto answer = ask(std::string_view(&request_identities, 1), deadline);
  if (!answer) return std::unexpected(answer.error());
  WireReader reader(*answer);
  if (reader.byte() != identities_answer) return broken("it refused to list its keys");
  const auto count = reader.number().value_or(0);
  std::vector<AgentKey> keys;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto blob = reader.string();
    const auto comment = reader.string();
    if (!blob || !comment) return broken("its list of keys is damaged");
    if (auto key = public_key(*blob)) keys.push_back({std::move(*key), std::string(*comment)});
  }
  return keys;
}

Result<std::string> Agent::sign(const PublicKey& key, std::string_view data, Deadline deadline) {
  std::string request{sign_request};
  request += wire_string(key.blob);
  request += wire_string(data);
  request += wire_number(signature_flags(data));
  const auto answer = ask(request, deadline);
  if (!answer) return std::unexpected(answer.error());
  WireReader reader(*answer);
  if (reader.byte() != sign_response) return broken("it refused to sign");
  WireReader signature(reader.string().value_or(std::string_view{}));
  const auto algorithm = signature.string();
  const auto bytes = signature.string();
  if (!algorithm || !bytes) return broken("its signature is damaged");
  return std::string(*bytes);
}

Result<std::string> Agent::ask(std::string_view request, Deadline deadline) {
  if (auto sent = send(wire_string(request), deadline); !sent) return std::unexpected(sent.error());
  const auto header = receive(sizeof(std::uint32_t), deadline);
  if (!header) return std::unexpected(header.error());
  const auto size = WireReader(*header).number().value_or(0);
  if (size == 0 || size > largest_answer) return broken("its answer is damaged");
  return receive(size, deadline);
}

Result<void> Agent::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const auto put = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    if (put >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return broken(errno_text(errno));
    if (auto ready = wait(POLLOUT, deadline); !ready) return ready;
  }
  return {};
}

Result<std::string> Agent::receive(std::size_t size, Deadline deadline) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto got = recv(socket_.get(), bytes.data() + have, size - have, 0);
    if (got > 0) have += static_cast<std::size_t>(got);
    if (got == 0) return broken("it closed the connection");
    if (got > 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return broken(errno_text(errno));
    if (auto ready = wait(POLLIN, deadline); !ready) return std::unexpected(ready.error());
  }
  return bytes;
}

Result<void> Agent::wait(short events, Deadline deadline) {
  switch (wait_for(socket_.get(), events, deadline, *cancel_)) {
    case Waited::ready:
      return {};
    case Waited::cancelled:
      return failure("Interrupted", "while waiting for the ssh-agent");
    case Waited::late:
      break;
  }
  return broken("it does not answer");
}

std::unexpected<Error> Agent::broken(std::string_view why) const {
  return failure("Cannot use the ssh-agent", fmt::format("{}: {}", shown(name_.native()), why));
}

}  // namespace tidelock::ssh
