#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/declaration.hpp"

namespace tidelock::slurm {

/// What an association's resource is called: the account, and the user in it.
struct AssociationName {
  std::string account;
  std::string user;
};

/// `account/user`: neither can hold a slash.
[[nodiscard]] std::string association_name(std::string_view account, std::string_view user);
/// None for what is no such name; a ledger may hold anything.
[[nodiscard]] std::optional<AssociationName> parse_association(std::string_view name);

/// What it stands on: the QoS, accounts and associations that it names.
[[nodiscard]] std::vector<ResourceKey> needs_of(const Declaration& declaration);

}  // namespace tidelock::slurm
