#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/file.hpp"
#include "engine/base/result.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

struct AgentKey {
  PublicKey key;
  std::string comment;
};

/// A connection to an ssh-agent (draft-miller-ssh-agent). Ours, since libssh2's waits for ever when the agent
/// does not answer.
class Agent {
 public:
  [[nodiscard]] static Result<Agent> connect(const std::filesystem::path& socket, const Cancellation& cancel);

  /// Keys whose public half is no plain key, certificates for instance, are left out.
  [[nodiscard]] Result<std::vector<AgentKey>> keys(Deadline deadline);
  /// The signature over `data`, a whole login request (RFC 4252, section 7), without its algorithm's name.
  [[nodiscard]] Result<std::string> sign(const PublicKey& key, std::string_view data, Deadline deadline);

 private:
  Agent(FileDescriptor socket, std::filesystem::path name, const Cancellation& cancel)
      : socket_(std::move(socket)), name_(std::move(name)), cancel_(&cancel) {}
  [[nodiscard]] Result<std::string> ask(std::string_view request, Deadline deadline);
  [[nodiscard]] Result<void> send(std::string_view bytes, Deadline deadline);
  [[nodiscard]] Result<std::string> receive(std::size_t size, Deadline deadline);
  [[nodiscard]] Result<void> wait(short events, Deadline deadline);
  [[nodiscard]] std::unexpected<Error> broken(std::string_view why) const;

  FileDescriptor socket_;
  std::filesystem::path name_;
  const Cancellation* cancel_;
};

}  // namespace tidelock::ssh
