#include "providers/nginx/configuration/listen.hpp"

#include <algorithm>
#include <charconv>

namespace tidelock::nginx {
namespace {

std::optional<std::int64_t> port_in(std::string_view text) {
  std::int64_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && port > 0 && port < 65536 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<Listen> parse_listen(const Directive& directive) {
  const auto where = directive.argument(0);
  if (where.starts_with("unix:")) return std::nullopt;
  Listen listen;
  listen.tls =
      std::ranges::any_of(directive.arguments(), [](const Word& word) { return word.value == "ssl"; });
  if (const auto port = port_in(where)) {
    listen.port = *port;
    return listen;
  }
  const auto colon = where.ends_with(']') ? std::string_view::npos : where.rfind(':');
  listen.address = where.substr(0, colon);
  if (colon != std::string_view::npos) listen.port = port_in(where.substr(colon + 1)).value_or(listen.port);
  return listen;
}

}  // namespace tidelock::nginx
