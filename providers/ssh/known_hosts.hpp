#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "providers/ssh/wire.hpp"

namespace tidelock::ssh {

/// A line of a known_hosts file.
struct Place {
  std::string file;
  std::size_t line = 0;
};

[[nodiscard]] std::string to_string(const Place& at);

/// A key that a known_hosts line gives for a host.
struct PinnedKey {
  PublicKey key;
  Place at;
};

/// Under what a host's key may be written in known_hosts files. OpenSSH's rules: an alias is the only name
/// and takes no port; a port other than 22 makes it `[host]:port`, for which the plain names serve too if
/// nothing better is there.
struct HostNames {
  std::vector<std::string> exact;
  std::vector<std::string> without_port;  ///< empty when `exact` has no ports
};

[[nodiscard]] HostNames host_names(std::span<const std::string> names, std::uint16_t port,
                                   std::string_view alias = {});

struct Matched {
  PinnedKey by;
};
/// Nothing is pinned that could be compared.
struct Unknown {
  std::vector<PinnedKey> other_types;  ///< keys of the host, but of other types
  std::vector<Place> authorities;  ///< @cert-authority lines for the host; certificates are not understood
};
struct Mismatch {
  std::vector<PinnedKey> pinned;  ///< of the type that the host showed, and not equal
};
struct Revoked {
  PinnedKey by;
};
using Verdict = std::variant<Matched, Unknown, Mismatch, Revoked>;

/// The lines of known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Read strictly, line by line: one
/// that cannot be understood becomes a warning and the others count.
class KnownHosts {
 public:
  /// Adds the lines of a file. `name` is how messages call it.
  void add(std::string_view text, const std::string& name);

  /// A revocation wins over everything.
  [[nodiscard]] Verdict check(const HostNames& names, const PublicKey& key) const;
  /// The types of all keys pinned for a host, each once, in the order of the lines.
  [[nodiscard]] std::vector<std::string> types(const HostNames& names) const;
  /// "known_hosts:3: …", one for each line that was left out.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  enum class Marker : std::uint8_t { none, revoked, authority };
  struct Line {
    Marker marker = Marker::none;
    std::string hosts;
    PinnedKey pinned;
  };

  void add_line(std::string_view text, Place at);
  [[nodiscard]] std::vector<const Line*> lines(std::span<const std::string> names, Marker marker) const;

  std::vector<Line> lines_;
  std::vector<std::string> warnings_;
};

}  // namespace tidelock::ssh
