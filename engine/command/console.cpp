#include "engine/command/console.hpp"

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/command/command.hpp"
#include "engine/report/diagnostic_text.hpp"

namespace tidelock {
namespace {

bool colour_for(When when, int fd) {
  if (when != When::automatic) return when == When::always;
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: any value but the empty one
  const char* terminal = std::getenv("TERM");
  const bool refused = no_color != nullptr && *no_color != '\0';
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return !refused && !dumb && isatty(fd) != 0;
}

/// Turns the terminal's echo off for as long as it lives.
class Silence {
 public:
  explicit Silence(int fd) : fd_(fd) {
    tcgetattr(fd_, &before_);
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~Silence() { tcsetattr(fd_, TCSAFLUSH, &before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int fd_;
  termios before_{};
};

}  // namespace

Console::Console(const Options& options)
    : answer_style_(options.format == Format::text && colour_for(options.colour, STDOUT_FILENO)),
      talk_style_(colour_for(options.colour, STDERR_FILENO)) {}

void Console::answer(std::string_view text) const {
  fmt::print("{}", text);
  std::fflush(stdout);
}

void Console::say(std::string_view text) const { fmt::print(stderr, "{}", text); }

void Console::show(const Diagnostics& diagnostics) const { say(diagnostics_text(diagnostics, talk_style_)); }

void Console::show(const Error& error) const { say(error_text(error, talk_style_)); }

bool Console::can_ask() { return isatty(STDIN_FILENO) != 0; }

bool Console::approve(std::string_view question) const {
  if (!can_ask()) return false;
  say(fmt::format("{}\n  Only the whole word yes agrees: ", question));
  std::string line;
  std::getline(std::cin, line);
  return trim(line) == "yes";
}

Progress::Kind Console::progress_kind() const {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(STDERR_FILENO) != 0 && !dumb ? Progress::Kind::terminal : Progress::Kind::lines;
}

std::optional<Secret> ask_secret(std::string_view prompt) {
  const FileDescriptor terminal(open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal.valid()) return std::nullopt;
  const Silence silence(terminal.get());
  dprintf(terminal.get(), "\r\x1b[K%s", printable(prompt).c_str());  // in place of the progress line
  std::string answer;
  for (char c = 0; read(terminal.get(), &c, 1) == 1 && c != '\n';) answer += c;
  dprintf(terminal.get(), "\n");
  return Secret(std::move(answer));
}

}  // namespace tidelock
