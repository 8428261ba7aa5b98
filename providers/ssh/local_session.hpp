#pragma once

#include <memory>
#include <string>

#include "engine/base/cancel.hpp"
#include "engine/manifest/manifest.hpp"
#include "engine/probe/session.hpp"

namespace tidelock::ssh {

/// A node's own machine when we run on it: the same programs and uploads without any connection.
class LocalSession final : public Session {
 public:
  /// `whom` is how messages call the node.
  LocalSession(std::string whom, std::string user, Become become, const Cancellation& cancel)
      : whom_(std::move(whom)), user_(std::move(user)), become_(become), cancel_(cancel) {}

  [[nodiscard]] Result<std::unique_ptr<Exchange>> start(const ShellProgram& program,
                                                        Deadline deadline) override;
  [[nodiscard]] Result<void> upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                                    Deadline deadline) override;
  [[nodiscard]] const std::string& login_user() const override { return user_; }

 private:
  std::string whom_;
  std::string user_;
  Become become_;
  const Cancellation& cancel_;
};

}  // namespace tidelock::ssh
