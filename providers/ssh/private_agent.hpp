#pragma once

#include <filesystem>
#include <future>
#include <thread>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"

namespace tidelock::ssh {

/// An ssh-agent of our own, for as long as this object lives. It holds the keys that had to be opened with a
/// passphrase: opening one costs a tenth of a second each time, on purpose, which is far too much for each
/// host.
class PrivateAgent {
 public:
  PrivateAgent() = default;
  ~PrivateAgent();
  PrivateAgent(const PrivateAgent&) = delete;
  PrivateAgent& operator=(const PrivateAgent&) = delete;

  /// Starts it, listening on `socket`.
  [[nodiscard]] Result<void> start(const std::filesystem::path& socket);
  [[nodiscard]] bool running() const { return !socket_.empty(); }
  [[nodiscard]] const std::filesystem::path& socket() const { return socket_; }

 private:
  void keep(const std::filesystem::path& socket, std::promise<Result<void>> started) const;

  Cancellation stop_;
  std::filesystem::path socket_;
  /// Starts the child and stays: a child dies with the thread that started it, and workers come and go.
  std::jthread keeper_;
};

}  // namespace tidelock::ssh
