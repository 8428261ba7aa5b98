#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/provider.hpp"

namespace tidelock::redis {

/// Larger values are no static data: they belong into a file or a database.
inline constexpr std::size_t most_value = 65'536;

/// What a key holds. The name of its attribute says it: `value`, `json` or `hash`.
enum class Form : std::uint8_t { value, json, hash };

[[nodiscard]] std::shared_ptr<Declaration> declare_key(const Node::Entry& entry, Diagnostics& diagnostics);
[[nodiscard]] std::shared_ptr<Declaration> recall_key(const Attributes& attributes);

[[nodiscard]] Form form_of(const Declaration& declaration);
[[nodiscard]] std::string_view attribute_of(Form form);
/// What TYPE says of it.
[[nodiscard]] std::string_view type_of(Form form);
/// JSON in one spelling: sorted, without white space. None for a text that is no JSON.
[[nodiscard]] std::optional<std::string> canonical_json(std::string_view text);

}  // namespace tidelock::redis
