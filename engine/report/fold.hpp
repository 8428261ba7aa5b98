#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/plan/plan.hpp"

namespace tidelock {

/// Equal changes of several hosts.
struct FoldedChange {
  const Change* change = nullptr;  ///< the first of them
  std::vector<std::string> hosts;
  std::vector<const Change*> all;
};

/// Changes that differ in nothing but their host, together; no-ops are left out unless one wants everything.
/// In the order of the first of each.
[[nodiscard]] std::vector<FoldedChange> fold_changes(const Plan& plan, bool everything = false);

/// Equal reasons not to have looked.
struct FoldedUnchecked {
  const Unchecked* first = nullptr;
  std::vector<std::string> hosts;
  std::vector<const Unchecked*> all;
  /// By kind, how many resources could not be looked at for this reason on these hosts; empty where it is one
  /// resource, or a whole host.
  std::map<std::string, std::size_t> kinds = {};  // NOLINT(readability-redundant-member-init)
};

/// The same resource of several hosts together; and many resources of the same hosts, where the reason is
/// one.
[[nodiscard]] std::vector<FoldedUnchecked> fold_unchecked(const Plan& plan);

/// A line of detail that several hosts have alike.
struct FoldedDetail {
  std::string text;
  std::vector<std::string> hosts;
};

/// What most hosts have alike stands first.
[[nodiscard]] std::vector<FoldedDetail> fold_details(const FoldedUnchecked& folded);

}  // namespace tidelock
