#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "engine/base/cancel.hpp"
#include "engine/base/deadline.hpp"
#include "engine/base/file.hpp"
#include "engine/base/result.hpp"

namespace tidelock {

/// A program started on this machine. It dies with us (PR_SET_PDEATHSIG), and at the end of its scope.
class ChildProcess {
 public:
  /// `arguments[0]` is looked up in PATH. `extra_environment` holds NAME=value entries put over our own
  /// environment.
  [[nodiscard]] static Result<ChildProcess> start(std::span<const std::string> arguments,
                                                  std::span<const std::string> extra_environment = {});
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] int input() const { return input_.get(); }    ///< its stdin, non-blocking
  [[nodiscard]] int output() const { return output_.get(); }  ///< its stdout, non-blocking
  [[nodiscard]] int errors() const { return errors_.get(); }  ///< its stderr, non-blocking
  void close_input() { input_.reset(); }
  void kill() noexcept;
  /// Waits for the end (killing it at the deadline or on cancellation): exit status, or 128 + signal.
  [[nodiscard]] int wait(Deadline deadline, const Cancellation& cancel);

 private:
  ChildProcess() = default;
  pid_t pid_ = -1;
  FileDescriptor input_, output_, errors_;
};

struct ProcessOutput {
  int status = 0;  ///< exit status, or 128 + signal
  std::string output;
  std::string errors;
};

/// Runs a program to its end, feeding `input`, reading both outputs in one loop. More than `limit` bytes on
/// either output, the deadline or cancellation end it with an error.
[[nodiscard]] Result<ProcessOutput> run_process(std::span<const std::string> arguments,
                                                std::string_view input, Deadline deadline,
                                                const Cancellation& cancel,
                                                std::size_t limit = std::size_t{16} << 20U);

}  // namespace tidelock
