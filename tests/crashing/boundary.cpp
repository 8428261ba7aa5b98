#include "engine/apply/boundary.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <sys/socket.h>
#include <unistd.h>

// Linked in place of the empty functions of engine/apply/boundary.cpp. By environment variables:
//   TIDELOCK_BOUNDARY       at which place something happens: its number, or the first of that name
//   TIDELOCK_BOUNDARY_DOES  end: the program is killed, and the host stays where it is
//                           cut: its connections are cut, and the host goes on as far as it gets
//                           stop: the program is stopped, and the host goes on
//   TIDELOCK_BOUNDARY_LOG   a file that gets a line for each place the program comes to

namespace tidelock {
namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Which place it is, counted from 1 over all threads; also says so in the log.
class Counter {
 public:
  bool is_here(std::string_view where) {
    const std::scoped_lock lock(mutex_);
    ++count_;
    if (log_) fmt::print(log_, "{} {}\n", count_, where);
    log_.flush();
    if (done_ || (wanted_ != where && wanted_ != fmt::to_string(count_))) return false;
    return done_ = true;
  }

 private:
  std::mutex mutex_;
  std::string wanted_ = setting("TIDELOCK_BOUNDARY");
  std::ofstream log_{setting("TIDELOCK_BOUNDARY_LOG"), std::ios::app};
  unsigned count_ = 0;
  bool done_ = false;
};

Counter& counter() {
  static Counter one;
  return one;
}

/// All that go to other machines; pipes and sockets of this one stay.
void cut_connections() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const auto name = entry.path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.ss_family == AF_INET || peer.ss_family == AF_INET6) shutdown(fd, SHUT_RDWR);
  }
}

void act() {
  const auto what = setting("TIDELOCK_BOUNDARY_DOES");
  if (what == "cut") return cut_connections();
  std::raise(what == "stop" ? SIGSTOP : SIGKILL);  // to this thread, which then goes no step further
}

/// Whether the host waits between its steps until it is told to go on.
bool host_waits() {
  const auto what = setting("TIDELOCK_BOUNDARY_DOES");
  return what == "end" || what == "cut";
}

constexpr ShellText hold = "tl_hold() { IFS= read -r tl_word || exit 1; }";

}  // namespace

void at_boundary(std::string_view where) {
  if (counter().is_here(where)) act();
}

void mark_boundary(ShellProgram& program) {
  if (host_waits()) program.define(hold).converse("tl_hold");
}

void pass_boundary(Exchange& exchange, std::string_view where) {
  constexpr std::size_t more_than_steps = 100;
  constexpr std::chrono::seconds limit{10};
  const bool here = counter().is_here(where);
  const bool goes_on = here && setting("TIDELOCK_BOUNDARY_DOES") == "cut";
  if (here && !goes_on) act();
  if (host_waits())
    (void)exchange.write(std::string(goes_on ? more_than_steps : 1, '\n'), Deadline::in(limit));
  if (goes_on) act();
}

}  // namespace tidelock
