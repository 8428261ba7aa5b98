#include "engine/base/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

struct Pipe {
  FileDescriptor read_end, write_end;
};

std::optional<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return Pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

std::vector<char*> pointers(std::span<const std::string> words) {
  std::vector<char*> out;
  for (const auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(std::span<const std::string> extra) {
  std::vector<std::string> all(extra.begin(), extra.end());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view name = split(*entry, '=').front();
    const bool replaced =
        std::ranges::any_of(extra, [&](const std::string& e) { return split(e, '=').front() == name; });
    if (!replaced) all.emplace_back(*entry);
  }
  return all;
}

/// Between fork and exec: only async-signal-safe calls, since other threads may hold locks.
[[noreturn]] void become(char** arguments, char** environment, int in, int out, int err, int report,
                         pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  setpgid(0, 0);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  execvpe(arguments[0], arguments, environment);
  const int reason = errno;
  [[maybe_unused]] const auto written = write(report, &reason, sizeof reason);
  _exit(127);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(std::span<const std::string> arguments,
                                         std::span<const std::string> extra_environment) {
  auto in = make_pipe();
  auto out = make_pipe();
  auto err = make_pipe();
  auto report = make_pipe();
  if (!in || !out || !err || !report) return failure("Cannot start program", errno_text(errno));
  const auto environment = environment_with(extra_environment);
  auto argument_pointers = pointers(arguments);
  auto environment_pointers = pointers(environment);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return failure("Cannot start program", errno_text(errno));
  if (pid == 0)
    become(argument_pointers.data(), environment_pointers.data(), in->read_end.get(), out->write_end.get(),
           err->write_end.get(), report->write_end.get(), parent);
  ChildProcess child;
  child.pid_ = pid;
  child.input_ = std::move(in->write_end);
  child.output_ = std::move(out->read_end);
  child.errors_ = std::move(err->read_end);
  report->write_end.reset();
  int reason = 0;
  if (read(report->read_end.get(), &reason, sizeof reason) > 0)
    return failure("Cannot start program", fmt::format("{}: {}", shown(arguments[0]), errno_text(reason)));
  for (const int fd : {child.input(), child.output(), child.errors()}) set_nonblocking(fd);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill();
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ChildProcess::kill() noexcept {
  if (pid_ > 0 && ::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
}

int ChildProcess::wait(Deadline deadline, const Cancellation& cancel) {
  using namespace std::chrono_literals;
  int status = 0;
  for (;;) {
    const auto got = waitpid(pid_, &status, WNOHANG);
    if (got == pid_) break;
    if (deadline.passed() || cancel.triggered()) kill();
    std::this_thread::sleep_for(1ms);
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

namespace {

/// Appends what is there; false at the end of the stream.
bool drain(int fd, std::string& into) {
  std::array<char, 65536> buffer{};
  const auto got = read(fd, buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// One turn of feeding and draining; true while any output stream is open.
struct Exchange {
  ChildProcess& child;
  std::string_view input;
  ProcessOutput result;
  bool output_open = true;
  bool errors_open = true;

  void feed() {
    const auto put = write(child.input(), input.data(), input.size());
    if (put > 0) input.remove_prefix(static_cast<std::size_t>(put));
    if (input.empty() || (put < 0 && errno != EAGAIN && errno != EINTR)) {
      input = {};
      child.close_input();
    }
  }

  void turn(const Deadline& deadline, const Cancellation& cancel) {
    std::array<pollfd, 4> fds{pollfd{output_open ? child.output() : -1, POLLIN, 0},
                              pollfd{errors_open ? child.errors() : -1, POLLIN, 0},
                              pollfd{input.empty() ? -1 : child.input(), POLLOUT, 0},
                              pollfd{cancel.fd(), POLLIN, 0}};
    poll(fds.data(), fds.size(), deadline.poll_timeout());
    if (fds[0].revents != 0) output_open = drain(child.output(), result.output);
    if (fds[1].revents != 0) errors_open = drain(child.errors(), result.errors);
    if (fds[2].revents != 0) feed();
  }
};

}  // namespace

Result<ProcessOutput> run_process(std::span<const std::string> arguments, std::string_view input,
                                  Deadline deadline, const Cancellation& cancel, std::size_t limit) {
  auto child = ChildProcess::start(arguments);
  if (!child) return std::unexpected(child.error());
  Exchange exchange{*child, input, {}};
  if (input.empty()) child->close_input();
  while (exchange.output_open || exchange.errors_open) {
    if (cancel.triggered()) return failure("Interrupted", shown(arguments[0]));
    if (deadline.passed()) return failure("Program took too long", shown(arguments[0]));
    if (exchange.result.output.size() > limit || exchange.result.errors.size() > limit)
      return failure("Program printed too much",
                     fmt::format("{}: more than {}", shown(arguments[0]), human_bytes(limit)));
    exchange.turn(deadline, cancel);
  }
  exchange.result.status = child->wait(deadline, cancel);
  return std::move(exchange.result);
}

}  // namespace tidelock
