#include "providers/ssh/channel.hpp"

#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/ssh/tail.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::size_t buffer_size = 65536;
constexpr std::size_t most_unread = std::size_t{64} << 20U;

std::unexpected<Error> refused(const Client& client, long rc) {
  if (rc != LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED && rc != LIBSSH2_ERROR_CHANNEL_FAILURE)
    return client.failed(rc, "starting a program");
  return failure("Host runs no programs for us", fmt::format("{}: sshd refused to run one", client.whom()),
                 "See sshd's log on the host, its MaxSessions, and the login shell of the user");
}

class SshExchange final : public Exchange {
 public:
  SshExchange(std::shared_ptr<Client> client, LIBSSH2_CHANNEL* channel)
      : client_(std::move(client)), channel_(channel) {}
  ~SshExchange() override { client_->release(channel_); }
  SshExchange(const SshExchange&) = delete;
  SshExchange& operator=(const SshExchange&) = delete;

  /// Asks for the command; done as soon as the request is sent, its answer is looked at by `confirm`.
  Result<void> request(const char* command, Deadline deadline) {
    command_ = command;
    const auto rc =
        client_->finish_sending([&] { return libssh2_channel_exec(channel_, command_); }, deadline);
    confirmed_ = rc == 0;
    if (rc != 0 && (rc != LIBSSH2_ERROR_EAGAIN || client_->sending())) return refused(*client_, rc);
    return {};
  }

  /// Whether the host closed both of the program's outputs.
  [[nodiscard]] bool ended() const { return libssh2_channel_eof(channel_) != 0; }

  Result<std::string> read(Deadline deadline) override {
    if (auto confirmed = confirm(deadline); !confirmed) return std::unexpected(confirmed.error());
    for (;;) {
      const auto rc = drain(buffer_size, deadline);
      if (!unread_.empty()) return std::exchange(unread_, {});
      if (rc < 0 && rc != LIBSSH2_ERROR_EAGAIN) return stopped(rc);
      if (ended()) return std::string{};
      if (!client_->wait(deadline)) return stopped(LIBSSH2_ERROR_EAGAIN);
    }
  }

  Result<void> write(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const auto rc = libssh2_channel_write(channel_, bytes.data(), bytes.size());
      if (rc > 0) bytes.remove_prefix(static_cast<std::size_t>(rc));
      if (rc > 0) continue;
      if (rc < 0 && rc != LIBSSH2_ERROR_EAGAIN) return stopped(rc);
      if (auto room = make_room(deadline); !room) return room;
    }
    return {};
  }

  [[nodiscard]] std::string errors() const override { return errors_.text(); }

 private:
  /// The answer to the request, once.
  Result<void> confirm(Deadline deadline) {
    if (confirmed_) return {};
    const auto rc = client_->complete([&] { return libssh2_channel_exec(channel_, command_); }, deadline);
    if (rc != 0) return refused(*client_, rc);
    confirmed_ = true;
    return {};
  }

  /// While the host takes nothing it may be waiting for us to read.
  Result<void> make_room(Deadline deadline) {
    if (!client_->sending()) {
      const auto rc = drain(most_unread, deadline);
      if (rc < 0 && rc != LIBSSH2_ERROR_EAGAIN) return stopped(rc);
      if (auto fit = can_go_on(); !fit) return fit;
      if (libssh2_channel_window_write(channel_) > 0)
        return {};  // the host's word for it was among what came
    }
    if (!client_->wait(deadline)) return stopped(LIBSSH2_ERROR_EAGAIN);
    return {};
  }

  [[nodiscard]] Result<void> can_go_on() const {
    if (ended())
      return failure("Program ended early",
                     fmt::format("{}: it ended before it had read its input", client_->whom()));
    if (unread_.size() <= most_unread) return {};
    return failure("Program printed too much",
                   fmt::format("{}: more than {}", client_->whom(), human_bytes(most_unread)));
  }

  /// Takes what is there of both streams, up to `most` unread bytes: leaving one alone would in the end stop
  /// the other. Gives libssh2's last word.
  long drain(std::size_t most, Deadline deadline) {
    long rc = 0;
    do {
      for (const int stream : {0, SSH_EXTENDED_DATA_STDERR}) {
        rc = drain_stream(stream, most, deadline);
        if (rc < 0 && rc != LIBSSH2_ERROR_EAGAIN) return rc;
      }
      // Reading stderr may have taken stdout's next bytes off the socket, into libssh2's own queue. Who waits
      // for the socket then would wait for what is here already.
    } while (stdout_is_queued() && unread_.size() < most);
    return rc;
  }

  long drain_stream(int stream, std::size_t most, Deadline deadline) {
    long rc = 0;
    do {
      rc = client_->finish_sending(
          [&] { return libssh2_channel_read_ex(channel_, stream, buffer_.data(), buffer_.size()); },
          deadline);
      if (rc > 0) keep(stream, std::string_view(buffer_.data(), static_cast<std::size_t>(rc)));
    } while (rc > 0 && unread_.size() < most);
    return rc;
  }

  [[nodiscard]] bool stdout_is_queued() const { return libssh2_poll_channel_read(channel_, 0) > 0; }

  void keep(int stream, std::string_view bytes) {
    if (stream == 0)
      unread_ += bytes;
    else
      errors_.add(bytes);
  }

  [[nodiscard]] std::unexpected<Error> stopped(long rc) const {
    if (!client_->timed_out(rc)) return client_->failed(rc, "a program ran");
    const std::chrono::duration<double> silence = Clock::now() - client_->last_heard();
    return failure("Program did not answer in time",
                   fmt::format("{}: nothing was heard for {:.1f} s", client_->whom(), silence.count()),
                   "The program hangs, or the host is frozen or overloaded");
  }

  std::shared_ptr<Client> client_;
  LIBSSH2_CHANNEL* channel_;
  const char* command_ = nullptr;
  bool confirmed_ = false;
  std::string unread_;
  Tail errors_;
  std::array<char, buffer_size> buffer_{};
};

}  // namespace

Result<std::unique_ptr<Exchange>> start_exchange(const std::shared_ptr<Client>& client, const char* command,
                                                 std::string_view program, Deadline deadline) {
  client->free_released();
  LIBSSH2_CHANNEL* channel = nullptr;
  const auto open = [&]() -> long {
    channel = libssh2_channel_open_session(client->session());
    return channel == nullptr ? libssh2_session_last_errno(client->session()) : 0;
  };
  const auto rc = client->complete(open, deadline);
  if (rc != 0) return refused(*client, rc);
  auto exchange = std::make_unique<SshExchange>(client, channel);
  if (auto asked = exchange->request(command, deadline); !asked) return std::unexpected(asked.error());
  const auto sent = exchange->write(program, deadline);
  // A program that ended at once, as sudo does when it refuses, tells its reader why.
  if (!sent && !exchange->ended()) return std::unexpected(sent.error());
  return exchange;
}

}  // namespace tidelock::ssh
