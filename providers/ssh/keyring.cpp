#include "providers/ssh/keyring.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/agent.hpp"
#include "providers/ssh/askpass.hpp"
#include "providers/ssh/said.hpp"

namespace tidelock::ssh {
namespace {

constexpr int tries = 3;
constexpr std::chrono::seconds add_limit{30};

std::unexpected<Error> no_passphrase(const Identity& identity, std::string_view why) {
  return failure("Key needs a passphrase", fmt::format("{}: {}", shown(identity.file.native()), why),
                 "Add the key to an ssh-agent (ssh-add), or run tidelock on a terminal");
}

/// Runs ssh-add, telling it the passphrase once; true when it took the key.
class Adding {
 public:
  Adding(ChildProcess child, AskpassSocket socket, const Secret& passphrase)
      : child_(std::move(child)), socket_(std::move(socket)), passphrase_(passphrase) {}

  Result<bool> run(const Cancellation& cancel) {
    const auto deadline = Deadline::in(add_limit);
    child_.close_input();
    while (open_) {
      if (cancel.triggered()) return failure("Interrupted", "ssh-add");
      if (deadline.passed()) return failure("Program took too long", "ssh-add");
      turn(deadline, cancel);
    }
    const bool added = child_.wait(deadline, cancel) == 0;
    if (!added && !told_) return failure("Cannot use key", "ssh-add does not take it" + said_lines(said_));
    return added;
  }

 private:
  void turn(Deadline deadline, const Cancellation& cancel) {
    std::array<pollfd, 3> fds{pollfd{child_.errors(), POLLIN, 0}, pollfd{socket_.fd(), POLLIN, 0},
                              pollfd{cancel.fd(), POLLIN, 0}};
    poll(fds.data(), fds.size(), deadline.poll_timeout());
    if (fds[0].revents != 0) hear();
    if (fds[1].revents == 0) return;
    socket_.answer(told_ ? nullptr : &passphrase_);
    told_ = true;
  }

  void hear() {
    std::array<char, 1024> buffer{};
    const auto got = read(child_.errors(), buffer.data(), buffer.size());
    open_ = got > 0;
    if (open_) said_.append(buffer.data(), static_cast<std::size_t>(got));
  }

  ChildProcess child_;
  AskpassSocket socket_;
  const Secret& passphrase_;
  std::string said_;
  bool open_ = true;
  bool told_ = false;
};

}  // namespace

std::optional<Result<PublicKey>> Keyring::known(const std::filesystem::path& file) {
  const std::scoped_lock lock(mutex_);
  const auto it = results_.find(file);
  return it == results_.end() ? std::nullopt : std::optional(it->second);
}

std::filesystem::path Keyring::agent_socket() {
  const std::scoped_lock lock(mutex_);
  return agent_.socket();
}

Result<PublicKey> Keyring::open(const Identity& identity) {
  const std::scoped_lock one_at_a_time(asking_);
  if (auto before = known(identity.file)) return *before;
  auto result = ask(identity);
  const std::scoped_lock lock(mutex_);
  return results_.insert_or_assign(identity.file, std::move(result)).first->second;
}

Result<PublicKey> Keyring::ask(const Identity& identity) {
  std::string question = fmt::format("Passphrase for {}: ", shown(identity.file.native()));
  for (int i = 0; i < tries; ++i) {
    const auto passphrase = prompt_ && !cancel_.triggered() ? prompt_(question) : std::nullopt;
    if (!passphrase || passphrase->reveal().empty()) return no_passphrase(identity, "nobody gave one");
    auto added = add(identity, *passphrase);
    if (!added) return std::unexpected(added.error());
    if (*added) return identity.key ? Result<PublicKey>(*identity.key) : newest_key();
    question = fmt::format("Wrong. Passphrase for {}: ", shown(identity.file.native()));
  }
  return no_passphrase(identity, fmt::format("{} wrong ones were given", tries));
}

Result<void> Keyring::start_agent() {
  const std::scoped_lock lock(mutex_);
  if (agent_.running()) return {};
  const auto folder = folder_.path();
  if (!folder) return std::unexpected(folder.error());
  return agent_.start(*folder / "agent");
}

Result<bool> Keyring::add(const Identity& identity, const Secret& passphrase) {
  if (auto started = start_agent(); !started) return std::unexpected(started.error());
  const auto folder = folder_.subfolder();
  if (!folder) return std::unexpected(folder.error());
  auto socket = AskpassSocket::open(*folder / "askpass");
  if (!socket) return std::unexpected(socket.error());
  const std::vector<std::string> command{"ssh-add", "-q", "--", identity.file.native()};
  const std::vector<std::string> environment{
      "SSH_AUTH_SOCK=" + agent_socket().native(), "SSH_ASKPASS=" + program_.native(),
      "SSH_ASKPASS_REQUIRE=force", fmt::format("{}={}", askpass_variable, (*folder / "askpass").native())};
  auto child = ChildProcess::start(command, environment);
  if (!child) return std::unexpected(child.error());
  return Adding(std::move(*child), std::move(*socket), passphrase).run(cancel_);
}

/// Agents list keys in the order they came.
Result<PublicKey> Keyring::newest_key() {
  auto agent = Agent::connect(agent_socket(), cancel_);
  if (!agent) return std::unexpected(agent.error());
  const auto keys = agent->keys(Deadline::in(add_limit));
  if (!keys) return std::unexpected(keys.error());
  if (keys->empty()) return failure("Cannot use the ssh-agent", "it did not keep the key");
  return keys->back().key;
}

}  // namespace tidelock::ssh
