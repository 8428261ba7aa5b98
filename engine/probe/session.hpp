#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/probe/shell_program.hpp"

namespace tidelock {

/// A shell program that runs on a host, as root where the manifest says `become: sudo`. Destroying it closes
/// the channel; the program itself may go on on the host, which is why every writing program holds a lock
/// there.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// The next bytes of its stdout, as they come. An empty string: it closed its stdout. stderr is drained
  /// meanwhile.
  [[nodiscard]] virtual Result<std::string> read(Deadline deadline) = 0;
  /// Sends all of these bytes to its stdin, draining its outputs meanwhile.
  [[nodiscard]] virtual Result<void> write(std::string_view bytes, Deadline deadline) = 0;
  /// The last of what it said on stderr, at most 16 KiB; for messages to people, never parsed for meaning.
  [[nodiscard]] virtual std::string errors() const = 0;
};

/// A local file or folder on its way to a host, as the login user, into a staging folder that this user may
/// write.
struct Upload {
  std::filesystem::path source;  ///< absolute, on this machine
  std::string name;              ///< of the file or folder in the staging folder; no slash in it
  std::string stage;             ///< absolute folder on the host
  /// Absolute folder on the host. The delta is made against its file of that name; for a folder, against what
  /// it holds itself. It is only read.
  std::string basis;
  std::uint64_t bytes_per_second = 0;  ///< 0: no limit
  /// All that is in the folder goes, with links, times and x bits of the owner, and what else is in the
  /// staged folder is removed there.
  bool folder = false;
  /// Paths in the folder that stay behind, with all that is in them. GCC warns of lists without it unless it
  /// has an initializer.
  std::vector<std::string> exclude = {};  // NOLINT(readability-redundant-member-init)
};

/// One host, logged in to. Used by one thread at a time.
class Session {
 public:
  virtual ~Session() = default;
  /// Starts a program. The exec string is constant, so the login shell does not matter.
  [[nodiscard]] virtual Result<std::unique_ptr<Exchange>> start(const ShellProgram& program,
                                                                Deadline deadline) = 0;
  /// Sends a file or folder. What arrived of an upload that broke off is used by the next one. `progress`
  /// gets the bytes of the source that are dealt with so far; it is called from this thread.
  [[nodiscard]] virtual Result<void> upload(const Upload& upload,
                                            const std::function<void(std::uint64_t)>& progress,
                                            Deadline deadline) = 0;
  /// Who we are on the host before `become`; owns the staging folder.
  [[nodiscard]] virtual const std::string& login_user() const = 0;
};

/// How hosts are reached. `connect` may be called from many threads at once.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Summaries fold over hosts: "Host did not answer", "Host key is unknown", "Login was refused", …
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> connect(const ClusterNode& node,
                                                                 Deadline deadline) = 0;
};

}  // namespace tidelock
