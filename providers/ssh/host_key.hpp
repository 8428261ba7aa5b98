#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "providers/ssh/known_hosts.hpp"
#include "providers/ssh/route.hpp"

namespace tidelock::ssh {

/// What the known_hosts files of a route say, with their problems.
struct KnownHostsFiles {
  KnownHosts hosts;
  std::vector<std::string> unread;  ///< "known_hosts: Permission denied"; all of them when none was there
};

/// Reads known_hosts files once a run. Used from many threads at once.
class KnownHostsCache {
 public:
  [[nodiscard]] std::shared_ptr<const KnownHostsFiles> read(const std::vector<std::filesystem::path>& files);

 private:
  std::mutex mutex_;
  std::map<std::vector<std::filesystem::path>, std::shared_ptr<const KnownHostsFiles>> read_;
};

/// The key types to ask a host for: first those that are pinned for it, so that it shows one we can compare.
[[nodiscard]] std::vector<std::string> key_types(const KnownHosts& hosts, const HostNames& names);

/// What the messages about host keys depend on.
struct HostKeyQuestion {
  const Route& route;
  const KnownHostsFiles& files;
  bool rsa_is_usable = false;
  std::string library;  ///< "libssh2 1.10.0"
};

/// Why a host that shows this key is refused; none when its key is pinned.
[[nodiscard]] std::optional<Error> refusal(const HostKeyQuestion& question, const PublicKey& key);

}  // namespace tidelock::ssh
