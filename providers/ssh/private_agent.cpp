#include "providers/ssh/private_agent.hpp"

#include <string>
#include <utility>
#include <vector>

#include <poll.h>

#include "engine/base/process.hpp"
#include "providers/ssh/waiting.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::chrono::seconds start_limit{10};
constexpr std::chrono::hours longest_run{24 * 365};

}  // namespace

PrivateAgent::~PrivateAgent() { stop_.trigger(); }

Result<void> PrivateAgent::start(const std::filesystem::path& socket) {
  std::promise<Result<void>> promise;
  auto started = promise.get_future();
  keeper_ = std::jthread(
      [this, socket, promise = std::move(promise)]() mutable { keep(socket, std::move(promise)); });
  auto result = started.get();
  if (result) socket_ = socket;
  return result;
}

void PrivateAgent::keep(const std::filesystem::path& socket, std::promise<Result<void>> started) const {
  const std::vector<std::string> command{"ssh-agent", "-D", "-a", socket.native()};
  const auto child = ChildProcess::start(command);
  if (!child) {
    started.set_value(std::unexpected(child.error()));
    return;
  }
  // It says its environment as soon as it listens; when it cannot, its output just ends and no file is there.
  const auto said = wait_for(child->output(), POLLIN, Deadline::in(start_limit), stop_);
  std::error_code ignored;
  if (said != Waited::ready || !std::filesystem::is_socket(socket, ignored)) {
    started.set_value(failure("Cannot start program", "ssh-agent does not listen"));
    return;
  }
  started.set_value({});
  while (wait_for(stop_.fd(), POLLIN, Deadline::in(longest_run), stop_) == Waited::late) {
  }
}

}  // namespace tidelock::ssh
