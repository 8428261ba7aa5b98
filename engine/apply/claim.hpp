#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

/// A program on some machine, so that it can be told from every other one.
struct ProcessIdentity {
  std::string user;
  std::string host;
  std::int64_t pid = 0;
  std::string boot_id;     ///< of the machine's kernel; changes with every boot
  std::string start_time;  ///< of the process, in ticks since boot: pids are used again

  bool operator==(const ProcessIdentity&) const = default;
};

[[nodiscard]] ProcessIdentity this_process();
/// Whether that program has certainly ended: it ran on this machine, and is not here any more. False where
/// that cannot be seen.
[[nodiscard]] bool is_gone(const ProcessIdentity& process);

/// Who may write on the cluster's hosts. Every claim has a higher fencing number than all before it.
struct Claim {
  std::string id;
  std::uint64_t fence = 0;
  ProcessIdentity holder;
  std::string reason;  ///< "apply of koo"
  std::chrono::seconds lease{60};
  bool released = false;
};

/// The claim on the lock host, and when it was last renewed, by that host's clock.
struct ClaimFile {
  std::optional<Claim> claim;
  std::chrono::seconds renewed{0};
  std::chrono::seconds now{0};
  std::string digest = "none";  ///< of the file, for replacing it

  /// Nobody holds it: never claimed, released, run out, or its holder is gone.
  [[nodiscard]] bool is_free() const;
};

/// "portal@head (process 4711), since 12 s: apply of koo, id 5f3a…", for people.
[[nodiscard]] std::string describe(const ClaimFile& file);

[[nodiscard]] Result<ClaimFile> read_claim(Session& session);
/// Puts a claim in place of what `file` holds, and gives the file as it is then. None when somebody else was
/// quicker.
[[nodiscard]] Result<std::optional<ClaimFile>> write_claim(Session& session, const ClaimFile& file,
                                                           const Claim& claim);

}  // namespace tidelock
