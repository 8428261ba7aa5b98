#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/provider.hpp"

namespace tidelock::redis {

[[nodiscard]] std::shared_ptr<Declaration> declare_setting(const Node::Entry& entry,
                                                           Diagnostics& diagnostics);
[[nodiscard]] std::shared_ptr<Declaration> recall_setting(const Attributes& attributes);

/// Two spellings of a value that mean the same: `256mb` and `268435456`, `Yes` and `yes`, or the same words.
[[nodiscard]] bool same_setting(std::string_view one, std::string_view other);
/// What a configuration file says of a setting: its last line, or all of them for one that has several. None
/// where it says nothing.
[[nodiscard]] std::optional<std::string> value_in_file(std::string_view text, std::string_view name);
/// Whether it can only be set where the instance is started.
[[nodiscard]] bool is_fixed(std::string_view name);

}  // namespace tidelock::redis
