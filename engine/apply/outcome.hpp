#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/plan/plan.hpp"

namespace tidelock {

/// How a planned change ended.
struct Outcome {
  enum class Status : std::uint8_t {
    done,  ///< carried out, and looked at again: nothing differs any more
    failed,
    skipped,  ///< something it needs failed
    stale,    ///< the host was not as the plan had seen it; nothing was written for it
  };
  std::size_t change = 0;  ///< index into the plan
  Status status = Status::skipped;
  std::string step;  ///< the step that failed
  Error error;       ///< for everything but done
  /// The step that failed has put back what was there before.
  bool taken_back = false;
  /// The host was lost before it could be seen whether this was done.
  bool may_be_done = false;
};

/// Something that went wrong on a host beside its changes: its ledger could not be written, it is locked.
struct HostTrouble {
  std::string host;
  Error error;
};

/// How an apply ended.
struct Outcomes {
  /// One for each writing change of the plan, and for each that another host's write should have settled; in
  /// the plan's order.
  std::vector<Outcome> list;
  std::vector<HostTrouble> troubles;
  bool locked = false;
  bool interrupted = false;
  std::uint64_t bytes_sent = 0;

  [[nodiscard]] std::size_t count(Outcome::Status status) const;
  /// Whether something failed and was put back by the step itself.
  [[nodiscard]] bool taken_back() const;
  /// Whether anything was done, or may have been.
  [[nodiscard]] bool may_have_written() const;
};

}  // namespace tidelock
