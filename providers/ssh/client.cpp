#include "providers/ssh/client.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

// In the order of speed, newer ones too where libssh2 has them.
constexpr std::string_view key_exchanges =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,"
    "diffie-hellman-group14-sha256,diffie-hellman-group16-sha512,diffie-hellman-group-exchange-sha256";
constexpr std::string_view ciphers =
    "aes128-gcm@openssh.com,aes128-ctr,aes256-gcm@openssh.com,aes192-ctr,aes256-ctr,chacha20-poly1305@"
    "openssh.com";
constexpr std::string_view macs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-256,hmac-sha2-512-etm@openssh.com,hmac-sha2-512";

/// What libssh2 calls the ways to use a host key of a type.
std::string host_key_methods(const std::vector<std::string>& types) {
  std::vector<std::string> methods;
  for (const auto& type : types) {
    if (type != "ssh-rsa")
      methods.push_back(type);
    else if (has_rsa_sha2())
      methods.emplace_back("rsa-sha2-512,rsa-sha2-256");
  }
  return join(methods, ",");
}

/// Those of the names that libssh2 knows. It leaves out the others itself, but copies overlapping memory
/// then.
std::string supported(LIBSSH2_SESSION* session, int method, std::string_view names) {
  const char** known = nullptr;
  const int count = libssh2_session_supported_algs(session, method, &known);
  const std::span all(known, static_cast<std::size_t>(std::max(count, 0)));
  std::vector<std::string> wanted;
  for (const auto name : split(names, ','))
    if (std::ranges::find(all, name) != all.end()) wanted.emplace_back(name);
  if (count > 0) libssh2_free(session, static_cast<void*>(known));
  return join(wanted, ",");
}

}  // namespace

bool has_rsa_sha2() {
  constexpr int first_version = 0x010b00;
  return libssh2_version(first_version) != nullptr;
}

std::string libssh2_name() { return fmt::format("libssh2 {}", libssh2_version(0)); }

/// What libssh2 calls us for.
struct Callbacks {
  static Client& client(void** self) { return *static_cast<Client*>(*self); }

  static ssize_t receive(int socket, void* buffer, size_t size, int flags, void** self) {
    const auto got = recv(socket, buffer, size, flags);
    if (got > 0) client(self).last_heard_ = Clock::now();
    if (got > 0) return got;
    const int error = got < 0 ? errno : 0;
    client(self).lost_ = error != EAGAIN && error != EINTR;
    return error == EINTR ? -EAGAIN : -error;
  }

  static void disconnect(LIBSSH2_SESSION* /*session*/, int /*reason*/, const char* message, int size,
                         const char* /*language*/, int /*language_size*/, void** self) {
    client(self).lost_ = true;
    if (message != nullptr && size > 0)
      client(self).farewell_ = printable(std::string_view(message, static_cast<std::size_t>(size)));
  }
};

Client::Client(TcpConnection connection, std::string whom, const Cancellation& cancel)
    : connection_(std::move(connection)),
      whom_(std::move(whom)),
      cancel_(cancel),
      session_(libssh2_session_init_ex(nullptr, nullptr, nullptr, this)) {
  if (session_ == nullptr) std::abort();  // out of memory
  libssh2_session_set_blocking(session_, 0);
#if LIBSSH2_VERSION_NUM >= 0x010b01
  const auto set = [&](int which, auto* function) {
    libssh2_session_callback_set2(session_, which, reinterpret_cast<libssh2_cb_generic*>(function));
  };
#else
  const auto set = [&](int which, auto* function) {
    libssh2_session_callback_set(session_, which, reinterpret_cast<void*>(function));
  };
#endif
  set(LIBSSH2_CALLBACK_RECV, Callbacks::receive);
  set(LIBSSH2_CALLBACK_DISCONNECT, Callbacks::disconnect);
}

Client::~Client() {
  if (!lost_) libssh2_session_disconnect(session_, "done");
  // With the socket shut no channel waits for the host any more while libssh2 frees it.
  shutdown(connection_.socket.get(), SHUT_RDWR);
  constexpr int attempts = 100;
  for (int i = 0; i < attempts && libssh2_session_free(session_) == LIBSSH2_ERROR_EAGAIN; ++i) {
  }
}

void Client::prefer(int method, std::string_view names) {
  libssh2_session_method_pref(session_, method, supported(session_, method, names).c_str());
}

Result<void> Client::shake_hands(const std::vector<std::string>& key_types, Deadline deadline) {
  prefer(LIBSSH2_METHOD_KEX, key_exchanges);
  prefer(LIBSSH2_METHOD_HOSTKEY, host_key_methods(key_types));
  for (const int method : {LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC}) prefer(method, ciphers);
  for (const int method : {LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC}) prefer(method, macs);
  const int socket = connection_.socket.get();
  const auto rc = complete([&] { return libssh2_session_handshake(session_, socket); }, deadline);
  if (rc != 0) return no_handshake(rc);
  return {};
}

std::unexpected<Error> Client::no_handshake(long rc) const {
  const char* banner = libssh2_session_banner_get(session_);
  const std::string_view greeting = banner == nullptr ? "" : banner;  // or what stood before it
  const bool greeted = greeting.starts_with("SSH-");
  if (timed_out(rc) && !greeted)
    return failure("Host did not answer",
                   fmt::format("{}: it took the connection and sent no SSH greeting", whom_),
                   "The host may be frozen or overloaded, or what listens there is not sshd");
  if (rc != LIBSSH2_ERROR_EAGAIN && lost_ && !greeted)
    return failure(
        "Host closed the connection",
        greeting.empty() ? fmt::format("{}: before any SSH greeting", whom_)
                         : fmt::format("{}: it said: {}", whom_, printable(greeting)),
        "See sshd's log on the host: it may have too many logins under way (MaxStartups), or not want "
        "us");
  if (rc == LIBSSH2_ERROR_KEX_FAILURE || rc == LIBSSH2_ERROR_METHOD_NONE)
    return failure(
        "Host has no SSH algorithm in common with us",
        fmt::format("{}: {} found no key exchange, cipher or host key type that both know", whom_,
                    libssh2_name()),
        "Give the host an ed25519 key (ssh-keygen -A, then restart sshd) and the usual algorithms");
  return failed(rc, "agreeing on keys");
}

PublicKey Client::host_key() const {
  std::size_t size = 0;
  int type = 0;
  const char* bytes = libssh2_session_hostkey(session_, &size, &type);
  return bytes == nullptr ? PublicKey{} : public_key({bytes, size}).value_or(PublicKey{});
}

bool Client::sending() const {
  return (libssh2_session_block_directions(session_) & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
}

bool Client::wait(Deadline deadline) {
  const int directions = libssh2_session_block_directions(session_);
  short events = 0;
  if ((directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0) events |= POLLOUT;
  if ((directions & LIBSSH2_SESSION_BLOCK_INBOUND) != 0 || events == 0) events |= POLLIN;
  // The kernel forgets this again and again; without it a host waits up to 40 ms for our acknowledgement.
  const int on = 1;
  setsockopt(connection_.socket.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  last_wait_ = wait_for(connection_.socket.get(), events, deadline, cancel_);
  return last_wait_ == Waited::ready;
}

bool Client::timed_out(long rc) const {
  return rc == LIBSSH2_ERROR_TIMEOUT || (rc == LIBSSH2_ERROR_EAGAIN && last_wait_ == Waited::late);
}

std::unexpected<Error> Client::failed(long rc, std::string_view doing) const {
  if (rc == LIBSSH2_ERROR_EAGAIN && last_wait_ == Waited::cancelled)
    return failure("Interrupted", fmt::format("{}: while {}", whom_, doing));
  if (timed_out(rc))
    return failure("Host did not answer", fmt::format("{}: time ran out while {}", whom_, doing),
                   "The host may be frozen or overloaded");
  const bool socket_error = rc == LIBSSH2_ERROR_SOCKET_SEND || rc == LIBSSH2_ERROR_SOCKET_RECV ||
                            rc == LIBSSH2_ERROR_SOCKET_DISCONNECT;
  if (lost_ || socket_error)
    return failure("Connection was lost", farewell_.empty() ? fmt::format("{}: while {}", whom_, doing)
                                                            : fmt::format("{}: while {}; the host said: {}",
                                                                          whom_, doing, farewell_));
  char* message = nullptr;
  libssh2_session_last_error(session_, &message, nullptr, 0);
  return failure("SSH failed", fmt::format("{}: {} ({}) while {}", whom_,
                                           message == nullptr ? "" : printable(message), rc, doing));
}

void Client::release(LIBSSH2_CHANNEL* channel) {
  released_.push_back(channel);
  free_released();
}

void Client::free_released() {
  constexpr std::chrono::seconds send_limit{1};
  std::erase_if(released_, [&](LIBSSH2_CHANNEL* channel) {
    for (;;) {
      if (libssh2_channel_free(channel) != LIBSSH2_ERROR_EAGAIN) return true;
      if (!sending() || !wait(Deadline::in(send_limit))) return false;
    }
  });
}

}  // namespace tidelock::ssh
