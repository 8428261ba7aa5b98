#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libssh2.h>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"
#include "providers/ssh/address.hpp"
#include "providers/ssh/waiting.hpp"
#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

/// Whether this libssh2 can use RSA keys in the ways that today's sshd accepts; before 1.11 it knows SHA-1
/// only.
[[nodiscard]] bool has_rsa_sha2();
/// "libssh2 1.10.0"
[[nodiscard]] std::string libssh2_name();

/// The client's end of one SSH connection: libssh2's session over a non-blocking socket, where every wait has
/// a deadline and obeys cancellation. Used by one thread at a time.
class Client {
 public:
  /// `whom` is how messages call the host.
  Client(TcpConnection connection, std::string whom, const Cancellation& cancel);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Greets the host and agrees on keys. Host keys are asked for in the order of `key_types`. Whether the
  /// host's key is the right one is not looked at here.
  [[nodiscard]] Result<void> shake_hands(const std::vector<std::string>& key_types, Deadline deadline);
  [[nodiscard]] PublicKey host_key() const;

  /// Repeats a libssh2 call until it no longer says EAGAIN, and gives what it said last. That is EAGAIN only
  /// when the wait ended first.
  template <class Call>
  long complete(Call call, Deadline deadline) {
    for (;;) {
      const auto rc = static_cast<long>(call());
      if (rc != LIBSSH2_ERROR_EAGAIN || !wait(deadline)) return rc;
    }
  }
  /// The same, but EAGAIN ends it unless libssh2 stopped in the middle of sending.
  template <class Call>
  long finish_sending(Call call, Deadline deadline) {
    for (;;) {
      const auto rc = static_cast<long>(call());
      if (rc != LIBSSH2_ERROR_EAGAIN || !sending() || !wait(deadline)) return rc;
    }
  }
  /// Waits for what libssh2 wants, to read or to write; false when the wait ended first.
  [[nodiscard]] bool wait(Deadline deadline);
  /// Whether libssh2 stopped in the middle of sending: then only the same call may follow.
  [[nodiscard]] bool sending() const;

  /// The error for a call that gave `rc`, in words: "… while {doing}".
  [[nodiscard]] std::unexpected<Error> failed(long rc, std::string_view doing) const;
  [[nodiscard]] bool timed_out(long rc) const;

  /// Closes a channel without waiting for the host's answer.
  void release(LIBSSH2_CHANNEL* channel);
  /// Forgets released channels that the host has closed by now.
  void free_released();

  /// Whether the connection is gone, whatever libssh2 says of it.
  [[nodiscard]] bool is_lost() const { return lost_; }
  /// What the host said when it closed the connection; may be empty.
  [[nodiscard]] const std::string& farewell() const { return farewell_; }
  [[nodiscard]] LIBSSH2_SESSION* session() const { return session_; }
  [[nodiscard]] const std::string& whom() const { return whom_; }
  [[nodiscard]] const Endpoint& peer() const { return connection_.peer; }
  [[nodiscard]] const Cancellation& cancellation() const { return cancel_; }
  [[nodiscard]] Clock::time_point last_heard() const { return last_heard_; }

 private:
  friend struct Callbacks;
  void prefer(int method, std::string_view names);
  [[nodiscard]] std::unexpected<Error> no_handshake(long rc) const;

  TcpConnection connection_;
  std::string whom_;
  const Cancellation& cancel_;
  LIBSSH2_SESSION* session_;
  std::vector<LIBSSH2_CHANNEL*> released_;
  std::string farewell_;
  bool lost_ = false;
  Waited last_wait_ = Waited::ready;
  Clock::time_point last_heard_ = Clock::now();
};

}  // namespace tidelock::ssh
