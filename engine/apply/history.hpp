#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/model/provider.hpp"
#include "engine/plan/plan.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

/// One change of one run, as the host remembers it: written there before the change is made.
struct HistoryRecord {
  ResourceKey key;
  std::string action;
  std::optional<Attributes> before;  ///< none when it was absent; secrets are Hidden
  std::vector<ResourceKey> inputs;   ///< what it has to act on when that comes back
  KeptPaths kept;                    ///< by path, where the host keeps what was there
};

/// What one run changed on one host.
struct HistoryRun {
  std::string run;     ///< sorts by time
  std::string holder;  ///< who ran it
  std::vector<HistoryRecord> records;
};

/// What a host is told before changes are made.
struct HistoryEntry {
  std::string lines;
  std::vector<std::string> keep;  ///< path, number, path, number, …
};

/// `first` is the number of changes that this run has recorded on the host already.
[[nodiscard]] HistoryEntry history_entry(std::span<const Change* const> changes, const std::string& run,
                                         const std::string& holder, std::size_t first);

/// Everything a host remembers, oldest run first. Lines that make no sense are left out.
[[nodiscard]] Result<std::vector<HistoryRun>> read_history(Session& session);

/// What was there before `run`, and before everything that came after it: by resource, the oldest record.
[[nodiscard]] std::vector<HistoryRecord> state_before(std::span<const HistoryRun> runs, std::string_view run);

}  // namespace tidelock
