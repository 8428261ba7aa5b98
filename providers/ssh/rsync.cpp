#include "providers/ssh/rsync.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "providers/ssh/said.hpp"
#include "providers/ssh/tail.hpp"

namespace tidelock::ssh {
namespace {

/// rsync takes a lot from its environment, and its progress follows the locale.
constexpr std::array environment{"LC_ALL=C", "RSYNC_PARTIAL_DIR=", "RSYNC_RSH=", "RSYNC_PROTECT_ARGS=1"};

std::string in_folder(const std::string& folder, std::string_view name) {
  return folder + (folder.ends_with('/') ? "" : "/") + std::string(name);
}

/// The paths that stay behind, as rsync reads them from its stdin.
std::string exclusions(const std::vector<std::string>& paths) {
  std::string list;
  for (const auto& path : paths) {
    const bool pattern =
        path.find_first_of("*?[") != std::string::npos;  // only then is a backslash an escape
    list += '/';
    for (const char c : path) {
      if (pattern && std::string_view("*?[\\").contains(c)) list += '\\';
      list += c;
    }
    list += '\0';
  }
  return list;
}

bool says(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.contains(word); });
}

/// The status with which ssh reports its own failures.
constexpr int ssh_failed = 255;

/// An rsync under way.
class Transfer {
 public:
  Transfer(ChildProcess child, std::string_view input, const std::function<void(std::uint64_t)>& progress)
      : child_(std::move(child)), input_(input), progress_(progress) {
    if (input_.empty()) child_.close_input();
  }

  Result<void> run(const std::string& whom, Deadline deadline, const Cancellation& cancel) {
    while (output_open_ || errors_open_) {
      if (cancel.triggered()) return failure("Interrupted", fmt::format("{}: while sending a file", whom));
      if (deadline.passed())
        return failure("Transfer took too long", whom,
                       "What arrived is kept, and the next try goes on from there");
      turn(deadline, cancel);
    }
    const int status = child_.wait(deadline, cancel);
    if (status == 0) return {};
    return std::unexpected(rsync_error(whom, status, errors_.text()));
  }

 private:
  void turn(Deadline deadline, const Cancellation& cancel) {
    std::array<pollfd, 4> fds{pollfd{output_open_ ? child_.output() : -1, POLLIN, 0},
                              pollfd{errors_open_ ? child_.errors() : -1, POLLIN, 0},
                              pollfd{input_.empty() ? -1 : child_.input(), POLLOUT, 0},
                              pollfd{cancel.fd(), POLLIN, 0}};
    poll(fds.data(), fds.size(), deadline.poll_timeout());
    if (fds[0].revents != 0)
      output_open_ = hear(child_.output(), [this](auto bytes) { take_progress(bytes); });
    if (fds[1].revents != 0) errors_open_ = hear(child_.errors(), [this](auto bytes) { errors_.add(bytes); });
    if (fds[2].revents != 0) feed();
  }

  /// An rsync that ended early tells why on its stderr.
  void feed() {
    const auto put = write(child_.input(), input_.data(), input_.size());
    if (put > 0) input_.remove_prefix(static_cast<std::size_t>(put));
    if (put < 0 && errno != EAGAIN && errno != EINTR) input_ = {};
    if (input_.empty()) child_.close_input();
  }

  template <class Take>
  static bool hear(int fd, Take take) {
    std::array<char, 4096> buffer{};
    const auto got = read(fd, buffer.data(), buffer.size());
    if (got > 0) take(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  void take_progress(std::string_view bytes) {
    line_ += bytes;
    for (auto end = line_.find_first_of("\r\n"); end != std::string::npos;
         end = line_.find_first_of("\r\n")) {
      const auto done = progress_in(std::string_view(line_).substr(0, end));
      if (done && progress_) progress_(*done);
      line_.erase(0, end + 1);
    }
  }

  ChildProcess child_;
  std::string_view input_;  ///< what it has not read yet
  const std::function<void(std::uint64_t)>& progress_;
  std::string line_;
  Tail errors_;
  bool output_open_ = true;
  bool errors_open_ = true;
};

}  // namespace

std::vector<std::string> rsync_command(const Upload& upload, const std::optional<RemoteShell>& shell) {
  std::vector<std::string> command{
      "rsync",
      "--protect-args",  // no shell on the host sees a name
      "--ignore-times",  // a basis of equal size and time may still be another file
      "--partial",       // the next try goes on from what arrived
      "--perms",         // or --chmod gives way to the mode of the basis
  };
  if (upload.folder)
    command.insert(command.end(), {"--recursive", "--links", "--times", "--delete", "--delete-excluded",
                                   "--chmod=D700,Fu+rw,Fu-s,Fgo-rwxs"});  // only the owner's x bit counts
  else
    command.insert(command.end(),
                   {"--copy-links",  // a link in a folder of images stands for the image
                    "--chmod=F600"});
  if (!upload.exclude.empty()) command.insert(command.end(), {"--from0", "--exclude-from=-"});
  command.insert(command.end(), {"--timeout=60", "--info=progress2", "--no-inc-recursive",
                                 "--no-human-readable", "--outbuf=L"});
  constexpr std::uint64_t unit = 1024;
  if (upload.bytes_per_second > 0)
    command.push_back(
        fmt::format("--bwlimit={}", std::max<std::uint64_t>(upload.bytes_per_second / unit, 1)));
  if (!upload.basis.empty()) command.push_back("--copy-dest=" + upload.basis);
  if (shell)
    command.push_back(fmt::format("--rsh=/bin/sh {} {} {}", shell->script.native(),
                                  shell->ssh_config.native(), shell->mark));
  const auto target = in_folder(upload.stage, upload.name);
  const auto source = upload.source.native() + (upload.folder ? "/" : "");
  command.insert(command.end(), {"--", source, shell ? "host:" + target : target});
  return command;
}

std::optional<std::uint64_t> progress_in(std::string_view line) {
  const auto text = trim(line);
  const auto space = text.find(' ');
  if (space == std::string_view::npos || !text.contains('%')) return std::nullopt;
  std::uint64_t done = 0;
  const auto number = text.substr(0, space);
  const auto [end, error] = std::from_chars(number.begin(), number.end(), done);
  if (error != std::errc{} || end != number.end()) return std::nullopt;
  return done;
}

Error rsync_error(const std::string& whom, int status, std::string_view errors) {
  std::string detail = fmt::format("{}: rsync exit {}{}", whom, status, said_lines(errors));
  if (says(errors, {"No space left on device", "Disk quota exceeded"}))
    return {"No space left on the host", std::move(detail),
            "Free some space; what arrived is kept for the next try"};
  if (says(errors, {"ommand not found", "rsync: not found"}))
    return {"Transfer failed", std::move(detail), "Install rsync on the host"};
  const bool refused = says(errors, {"Permission denied (", "Host key verification failed"});
  const bool lost = status == ssh_failed || status == 10 || status == 12 || status == 30 || status == 35;
  if (lost && !refused)
    return {"Connection was lost", std::move(detail),
            "What arrived is kept, and the next try goes on from there"};
  return {"Transfer failed", std::move(detail), {}};
}

Result<void> run_rsync(const Upload& upload, const RsyncRun& run,
                       const std::function<void(std::uint64_t)>& progress, Deadline deadline,
                       const Cancellation& cancel) {
  // rsync leaves out what is no file and calls that a success.
  std::error_code error;
  const auto status = std::filesystem::status(upload.source, error);
  if (upload.folder ? !is_directory(status) : !is_regular_file(status))
    return failure("Transfer failed",
                   fmt::format("{} is not a {} that can be read", shown(upload.source.native()),
                               upload.folder ? "folder" : "file"));
  const auto command = rsync_command(upload, run.shell);
  auto child = ChildProcess::start(command, std::vector<std::string>(environment.begin(), environment.end()));
  if (!child) return std::unexpected(child.error());
  const auto stay = exclusions(upload.exclude);
  return Transfer(std::move(*child), stay, progress).run(run.whom, deadline, cancel);
}

}  // namespace tidelock::ssh
