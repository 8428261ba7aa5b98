#include "providers/ssh/local_session.hpp"

#include <array>
#include <cerrno>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/rsync.hpp"
#include "providers/ssh/tail.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::size_t most_unread = std::size_t{64} << 20U;

/// A shell on this machine.
class LocalExchange final : public Exchange {
 public:
  LocalExchange(ChildProcess child, std::string whom, const Cancellation& cancel)
      : child_(std::move(child)), whom_(std::move(whom)), cancel_(cancel) {}
  ~LocalExchange() override { child_.close_input(); }
  LocalExchange(const LocalExchange&) = delete;
  LocalExchange& operator=(const LocalExchange&) = delete;

  Result<std::string> read(Deadline deadline) override {
    while (unread_.empty() && output_open_)
      if (auto turned = turn({}, deadline); !turned) return std::unexpected(turned.error());
    return std::exchange(unread_, {});
  }

  Result<void> write(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const auto put = turn(bytes, deadline);
      if (!put) return std::unexpected(put.error());
      bytes.remove_prefix(*put);
      if (unread_.size() > most_unread)
        return failure("Program printed too much",
                       fmt::format("{}: more than {}", whom_, human_bytes(most_unread)));
    }
    return {};
  }

  [[nodiscard]] std::string errors() const override { return errors_.text(); }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  /// Waits for any of the streams and moves what can be moved; the number of bytes written.
  Result<std::size_t> turn(std::string_view bytes, Deadline deadline) {
    std::array<pollfd, 4> fds{pollfd{output_open_ ? child_.output() : -1, POLLIN, 0},
                              pollfd{errors_open_ ? child_.errors() : -1, POLLIN, 0},
                              pollfd{bytes.empty() ? -1 : child_.input(), POLLOUT, 0},
                              pollfd{cancel_.fd(), POLLIN, 0}};
    const int count = poll(fds.data(), fds.size(), deadline.poll_timeout());
    if (fds[3].revents != 0) return failure("Interrupted", fmt::format("{}: while a program ran", whom_));
    if (count == 0 && deadline.passed())
      return failure("Program did not answer in time", fmt::format("{}: it was silent to the end", whom_),
                     "The program hangs");
    if (fds[0].revents != 0) output_open_ = hear(child_.output(), [this](auto text) { unread_ += text; });
    if (fds[1].revents != 0) errors_open_ = hear(child_.errors(), [this](auto text) { errors_.add(text); });
    return fds[2].revents != 0 ? put(bytes) : Result<std::size_t>(0);
  }

  template <class Take>
  static bool hear(int fd, Take take) {
    std::array<char, 65536> buffer{};
    const auto got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) take(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  Result<std::size_t> put(std::string_view bytes) {
    const auto count = ::write(child_.input(), bytes.data(), bytes.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
    ended_ = true;
    return failure("Program ended early", fmt::format("{}: it ended before it had read its input", whom_));
  }

  ChildProcess child_;
  std::string whom_;
  const Cancellation& cancel_;
  std::string unread_;
  Tail errors_;
  bool output_open_ = true;
  bool errors_open_ = true;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Exchange>> LocalSession::start(const ShellProgram& program, Deadline deadline) {
  auto child = ChildProcess::start(shell_);
  if (!child) return std::unexpected(child.error());
  auto exchange = std::make_unique<LocalExchange>(std::move(*child), whom_, cancel_);
  const auto sent = exchange->write(program.text(), deadline);
  // A program that ended at once, as sudo does when it refuses, tells its reader why.
  if (!sent && !exchange->ended()) return std::unexpected(sent.error());
  return exchange;
}

Result<void> LocalSession::upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                                  Deadline deadline) {
  return run_rsync(upload, {std::nullopt, whom_}, progress, deadline, cancel_);
}

}  // namespace tidelock::ssh
