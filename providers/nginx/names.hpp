#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace tidelock::nginx {

inline constexpr std::string_view location_kind = "nginx_location";
inline constexpr std::string_view server_kind = "nginx_server";
inline constexpr std::string_view upstream_kind = "nginx_upstream";

inline constexpr std::string_view folder = "/etc/nginx/";
inline constexpr std::string_view main_file = "/etc/nginx/nginx.conf";
/// Before all others in their order, since upstreams have to stand before what names them.
inline constexpr std::string_view upstreams_file = "/etc/nginx/conf.d/00-tidelock-upstreams.conf";

/// The file of a server's locations that are ours; the server's block includes it.
[[nodiscard]] inline std::string locations_file(std::string_view server) {
  return fmt::format("/etc/nginx/tidelock/{}.conf", server);
}

/// The file of a server that is ours as a whole.
[[nodiscard]] inline std::string server_file(std::string_view server) {
  return fmt::format("/etc/nginx/conf.d/tidelock-{}.conf", server);
}

/// "portal:/api/" for a location of the server "portal"; names of servers hold no colon.
[[nodiscard]] inline std::string location_name(std::string_view server, std::string_view pattern) {
  return fmt::format("{}:{}", server, pattern);
}

}  // namespace tidelock::nginx
