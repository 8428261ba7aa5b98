#pragma once

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
};

[[nodiscard]] std::vector<FoldedUnchecked> fold_unchecked(const Plan& plan);

/// A line of detail that several hosts have alike.
struct FoldedDetail {
  std::string text;
  std::vector<std::string> hosts;
};

/// What most hosts have alike stands first.
[[nodiscard]] std::vector<FoldedDetail> fold_details(const FoldedUnchecked& folded);

}  // namespace tidelock
