#include "engine/report/progress.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

using namespace std::chrono_literals;

constexpr auto redraw_every = 100ms;
constexpr auto line_every = 10s;
constexpr auto telling_after = 1s;
constexpr std::size_t worth_naming = 16;

std::size_t terminal_width() {
  constexpr std::size_t usual = 80;
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual;
}

double seconds(Clock::duration span) { return std::chrono::duration<double>(span).count(); }

std::string rate_and_rest(std::uint64_t bytes, std::uint64_t total, Clock::duration span) {
  if (span < telling_after)
    return "";  // what fits into buffers goes at once, and says nothing about the rest
  const double rate = static_cast<double>(bytes) / seconds(span);
  if (rate < 1) return "";
  const auto rest = static_cast<std::uint64_t>(static_cast<double>(total - std::min(bytes, total)) / rate);
  return fmt::format(", {}/s, {}:{:02} left", human_bytes(static_cast<std::uint64_t>(rate)), rest / 60,
                     rest % 60);
}

std::string transfer_text(const std::string& host, std::string_view what, std::uint64_t bytes,
                          std::uint64_t total, Clock::duration span) {
  const auto percent = total == 0 ? 100 : bytes * 100 / total;
  // What it is comes last: a narrow terminal cuts it off.
  return fmt::format("{}: {}% of {}{}: {}", host, percent, human_bytes(total),
                     rate_and_rest(bytes, total, span), what);
}

void print_line(const std::string& text) { fmt::print(stderr, "{}\n", printable(text)); }

}  // namespace

void Progress::observing(std::set<std::string> hosts) {
  const std::scoped_lock lock(mutex_);
  phase_ = "looking at hosts";
  done_ = failed_ = 0;
  total_ = hosts.size();
  awaited_ = std::move(hosts);
  redraw(true);
}

void Progress::observed(const HostObservation& observation) {
  const std::scoped_lock lock(mutex_);
  ++done_;
  if (observation.unreachable) ++failed_;
  awaited_.erase(observation.host);
  redraw(true);
}

void Progress::applying(std::size_t changes) {
  const std::scoped_lock lock(mutex_);
  phase_ = "applying";
  done_ = failed_ = 0;
  awaited_.clear();
  total_ = changes;
  redraw(true);
}

void Progress::step_started(const std::string& host, const std::string& what) {
  const std::scoped_lock lock(mutex_);
  transfers_.erase(host);
  if (kind_ == Kind::lines) print_line(fmt::format("{}: {}", host, what));
  redraw(false);
}

void Progress::uploaded(const std::string& host, const std::string& what, std::uint64_t bytes,
                        std::uint64_t total) {
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  const auto [at, fresh] = transfers_.try_emplace(host, Transfer{what, 0, total, now, now});
  auto& transfer = at->second;
  transfer.bytes = bytes;
  if (kind_ == Kind::lines && now - transfer.told >= line_every) {
    transfer.told = now;
    print_line(transfer_text(host, what, bytes, total, now - transfer.begun));
  }
  redraw(false);
}

void Progress::change_finished(const Change& change, const Outcome& outcome) {
  const std::scoped_lock lock(mutex_);
  ++done_;
  if (outcome.status != Outcome::Status::done) ++failed_;
  transfers_.erase(change.host);
  redraw(true);
}

void Progress::finish() {
  const std::scoped_lock lock(mutex_);
  if (line_shown_) std::fputs("\r\x1b[K", stderr);
  line_shown_ = false;
  phase_.clear();
}

void Progress::redraw(bool force) {
  if (kind_ != Kind::terminal || phase_.empty()) return;
  const auto now = Clock::now();
  if (!force && now - drawn_ < redraw_every) return;
  drawn_ = now;
  auto text = status();
  const auto width = terminal_width();
  if (text.size() >= width) text.resize(width - 1);
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  line_shown_ = true;
}

std::string Progress::status() const {
  std::string text = fmt::format("{} {}/{}", phase_, done_, total_);
  if (failed_ > 0) text += fmt::format(", {} failed", failed_);
  if (done_ > 0 && !awaited_.empty() && awaited_.size() <= worth_naming)
    text += fmt::format(", waiting for {}",
                        fold_hosts(std::vector<std::string>(awaited_.begin(), awaited_.end())));
  for (const auto& [host, transfer] : transfers_)
    text += "  " +
            transfer_text(host, transfer.what, transfer.bytes, transfer.total, Clock::now() - transfer.begun);
  return text;
}

}  // namespace tidelock
