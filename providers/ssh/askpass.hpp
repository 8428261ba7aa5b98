#pragma once

#include <filesystem>
#include <string>

#include "engine/base/file.hpp"
#include "engine/base/result.hpp"
#include "engine/base/secret.hpp"

namespace tidelock {

/// Set when ssh-add started us to be told a passphrase: `main` then does nothing but `return askpass_main()`.
/// Its value is a socket's path and no secret.
inline constexpr const char* askpass_variable = "TIDELOCK_ASKPASS";

/// Fetches the passphrase over the socket that `askpass_variable` names and prints it for ssh-add.
[[nodiscard]] int askpass_main();

namespace ssh {

/// Our side of that socket.
class AskpassSocket {
 public:
  [[nodiscard]] static Result<AskpassSocket> open(const std::filesystem::path& path);

  [[nodiscard]] int fd() const { return listener_.get(); }
  /// Takes one caller and tells it the passphrase; without one it is sent away, which makes ssh-add give up.
  void answer(const Secret* passphrase) const;

 private:
  explicit AskpassSocket(FileDescriptor listener) : listener_(std::move(listener)) {}
  FileDescriptor listener_;
};

}  // namespace ssh
}  // namespace tidelock
