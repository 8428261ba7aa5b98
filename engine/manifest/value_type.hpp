#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "engine/manifest/value.hpp"

namespace tidelock {

/// A scalar as the manifest spells it. YAML's own typing is not trusted: 0644 would be 420, and no would be
/// false.
struct Spelling {
  std::string_view text;
  bool quoted = false;
};

/// How one sort of scalar is written, compared and shown. A schema names it with `x-type`.
struct ValueType {
  std::string_view name;         ///< "mode"
  std::string_view title;        ///< "Mode": begins the summary of messages about it
  std::string_view description;  ///< for the reference: what may be written
  /// The canonical value, or a sentence that says what is wrong and what to write instead.
  std::expected<Value, std::string> (*parse)(const Spelling&);
  /// The canonical value as people like to read it; `parse` accepts it back.
  std::string (*show)(const Value&);
};

/// Every value type there is, in the order of the reference.
[[nodiscard]] std::span<const ValueType> value_types();

/// The value type of that name. It is a bug to ask for one that does not exist.
[[nodiscard]] const ValueType& value_type(std::string_view name);

}  // namespace tidelock
