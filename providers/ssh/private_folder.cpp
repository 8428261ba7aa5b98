#include "providers/ssh/private_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock::ssh {
namespace {

constexpr std::string_view harmless = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_.-";
constexpr std::size_t longest_parent = 60;  // of the 107 bytes that a socket's path may have

/// The user's own folder in memory, where there is one.
std::filesystem::path parent_folder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string path = runtime == nullptr ? "" : runtime;
  const bool fits = path.starts_with('/') && path.size() <= longest_parent &&
                    path.find_first_not_of(harmless) == std::string::npos;
  return fits && access(path.c_str(), W_OK | X_OK) == 0 ? path : "/tmp";
}

Result<std::filesystem::path> make_folder(const std::filesystem::path& parent) {
  std::string name = (parent / "tidelock-XXXXXX").native();
  if (mkdtemp(name.data()) == nullptr)  // mode 0700
    return failure("Cannot make a temporary folder",
                   fmt::format("in {}: {}", shown(parent.native()), errno_text(errno)));
  return std::filesystem::path(name);
}

}  // namespace

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::filesystem::path> PrivateFolder::path() {
  const std::scoped_lock lock(mutex_);
  if (!path_.empty()) return path_;
  auto made = make_folder(parent_folder());
  if (made) path_ = *made;
  return made;
}

Result<std::filesystem::path> PrivateFolder::subfolder() {
  const auto parent = path();
  return parent ? make_folder(*parent) : parent;
}

}  // namespace tidelock::ssh
