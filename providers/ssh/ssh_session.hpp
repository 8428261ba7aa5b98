#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/probe/session.hpp"
#include "providers/ssh/client.hpp"
#include "providers/ssh/login.hpp"
#include "providers/ssh/private_folder.hpp"
#include "providers/ssh/route.hpp"
#include "providers/ssh/rsync.hpp"

namespace tidelock::ssh {

/// A host that we are logged in to over SSH. Programs run over libssh2, files go by rsync over OpenSSH, which
/// logs in again with the same key and accepts the same host key only.
class SshSession final : public Session {
 public:
  SshSession(std::shared_ptr<Client> client, Route route, LoginKey key, Become become, PrivateFolder& folder)
      : client_(std::move(client)),
        route_(std::move(route)),
        key_(std::move(key)),
        become_(become),
        folder_(folder) {}

  [[nodiscard]] Result<std::unique_ptr<Exchange>> start(const ShellProgram& program,
                                                        Deadline deadline) override;
  [[nodiscard]] Result<void> upload(const Upload& upload, const std::function<void(std::uint64_t)>& progress,
                                    Deadline deadline) override;
  [[nodiscard]] const std::string& login_user() const override { return route_.user; }

 private:
  [[nodiscard]] Result<RemoteShell> remote_shell();

  std::shared_ptr<Client> client_;
  Route route_;
  LoginKey key_;
  Become become_;
  PrivateFolder& folder_;
  std::optional<RemoteShell> remote_shell_;
};

}  // namespace tidelock::ssh
