#pragma once

#include <string>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

/// What a user is made with besides its attributes.
struct UserPlan final : Payload {
  bool create_home = true;
  std::string keys;       ///< the lines of authorized_keys, as they are written
  std::string kept_keys;  ///< of a user of before: where the host keeps its authorized_keys
};

[[nodiscard]] std::vector<Placement> expand_groups(const Section& section, const ExpandContext& context,
                                                   Diagnostics& diagnostics);
[[nodiscard]] std::vector<Placement> expand_users(const Section& section, const ExpandContext& context,
                                                  Diagnostics& diagnostics);

/// Which groups a user, and which users a group stands on.
[[nodiscard]] std::vector<ResourceKey> accounts_before(const ResourceKey& key, const Attributes& attributes);

/// No two users, and no two groups, of a host may have one number.
void check_numbers(const Graph& graph, Diagnostics& diagnostics);

}  // namespace tidelock::system
