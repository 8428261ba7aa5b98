#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidelock {

/// The name of a resource for people and files: `<host>:<kind>:<name>`. Hosts and kinds hold no colon; names
/// may.
struct Address {
  std::string host;
  std::string kind;
  std::string name;

  auto operator<=>(const Address&) const = default;
};

[[nodiscard]] std::string to_string(const Address& address);

/// What a resource is called on its host.
struct ResourceKey {
  std::string kind;
  std::string name;

  auto operator<=>(const ResourceKey&) const = default;
};

/// None unless the text has three non-empty parts.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

}  // namespace tidelock
