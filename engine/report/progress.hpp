#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "engine/apply/listener.hpp"
#include "engine/base/deadline.hpp"
#include "engine/probe/observer.hpp"

namespace tidelock {

/// Tells on stderr how far a run is: on a terminal one line that is redrawn, elsewhere plain lines and few of
/// them. May be called from several threads.
class Progress final : public ApplyListener {
 public:
  enum class Kind : std::uint8_t { silent, lines, terminal };

  explicit Progress(Kind kind) : kind_(kind) {}
  ~Progress() override { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void observing(std::set<std::string> hosts);
  void observed(const HostObservation& observation);
  void applying(std::size_t changes);
  void step_started(const std::string& host, const std::string& what) override;
  void uploaded(const std::string& host, const std::string& what, std::uint64_t bytes,
                std::uint64_t total) override;
  void change_finished(const Change& change, const Outcome& outcome) override;
  /// Takes the line away, so that something else can be printed.
  void finish();

 private:
  struct Transfer {
    std::string what;
    std::uint64_t bytes = 0, total = 0;
    Clock::time_point begun;
    Clock::time_point told;
  };

  void redraw(bool force);
  [[nodiscard]] std::string status() const;

  Kind kind_;
  std::mutex mutex_;
  std::string phase_;
  std::size_t done_ = 0, total_ = 0, failed_ = 0;
  std::set<std::string> awaited_;              ///< hosts that have not answered yet
  std::map<std::string, Transfer> transfers_;  ///< by host
  Clock::time_point drawn_;
  bool line_shown_ = false;
};

}  // namespace tidelock
