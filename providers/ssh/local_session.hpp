#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/cancel.hpp"
#include "engine/probe/session.hpp"

namespace tidelock::ssh {

/// A node's own machine when we run on it: the same programs and uploads without any connection.
class LocalSession final : public Session {
 public:
  /// `whom` is how messages call the node; `shell` is the command that runs the program on its stdin.
  LocalSession(std::string whom, std::string user, std::vector<std::string> shell, const Cancellation& cancel)
      : whom_(std::move(whom)), user_(std::move(user)), shell_(std::move(shell)), cancel_(cancel) {}

  [[nodiscard]] Result<std::unique_ptr<Exchange>> start(const ShellProgram& program,
                                                        Deadline deadline) override;
  [[nodiscard]] Result<void> upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                                    Deadline deadline) override;
  [[nodiscard]] const std::string& login_user() const override { return user_; }

 private:
  std::string whom_;
  std::string user_;
  std::vector<std::string> shell_;
  const Cancellation& cancel_;
};

}  // namespace tidelock::ssh
