#include "engine/model/address.hpp"

#include <fmt/format.h>

namespace tidelock {

std::string to_string(const Address& address) {
  return fmt::format("{}:{}:{}", address.host, address.kind, address.name);
}

std::optional<Address> parse_address(std::string_view text) {
  const auto first = text.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Address address{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                  std::string(text.substr(second + 1))};
  if (address.host.empty() || address.kind.empty() || address.name.empty()) return std::nullopt;
  return address;
}

}  // namespace tidelock
