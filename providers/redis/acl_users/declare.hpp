#pragma once

#include <memory>

#include "engine/model/provider.hpp"

namespace tidelock::redis {

/// The user that is always there, and that may do everything unless somebody said otherwise.
inline constexpr std::string_view default_user = "default";

[[nodiscard]] std::shared_ptr<Declaration> declare_user(const Node::Entry& entry,
                                                        const ExpandContext& context,
                                                        Diagnostics& diagnostics);
/// A user as the ledger or the history remembers it.
[[nodiscard]] std::shared_ptr<Declaration> recall_user(const Attributes& attributes);

}  // namespace tidelock::redis
