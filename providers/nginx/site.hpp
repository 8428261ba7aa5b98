#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/nginx/configuration/tree.hpp"

namespace tidelock::nginx {

/// nginx on one host, as the probe saw it.
struct Site final : Payload {
  bool answered = false;
  bool installed = false;
  bool runs = false;
  Files files;                                  ///< every file of the configuration, and ours
  std::map<std::string, std::string> real;      ///< by path, where it is when links are followed
  std::map<std::string, std::string> odd;       ///< by path, why it cannot be believed or changed
  std::set<std::string, std::less<>> patterns;  ///< of files to include, as the host looked for them
  std::map<std::int64_t, std::size_t> by_port;  ///< connections of its workers, by local port
  std::string owed;  ///< a reload that is still to come: "now", "idle", "waiting"; or empty
  Files kept;        ///< by path on the host, texts that its history keeps
  bool too_many = false;

  /// Links followed.
  [[nodiscard]] const std::string& real_path(const std::string& path) const;
  [[nodiscard]] std::string_view text(std::string_view path) const;
};

[[nodiscard]] std::shared_ptr<const Site> parse_site(std::span<const ProbeOutput> answers);

void ask_site(Probe& probe, std::span<const Subject> subjects);

}  // namespace tidelock::nginx
