#pragma once

#include "engine/manifest/value_type.hpp"

namespace tidelock {

// The value types one by one; value_types() is the list of them.

[[nodiscard]] ValueType boolean_type();
[[nodiscard]] ValueType integer_type();
[[nodiscard]] ValueType text_type();
[[nodiscard]] ValueType name_type();
[[nodiscard]] ValueType account_type();
[[nodiscard]] ValueType login_type();
[[nodiscard]] ValueType unit_type();
[[nodiscard]] ValueType package_type();
[[nodiscard]] ValueType path_type();
[[nodiscard]] ValueType set_type();
[[nodiscard]] ValueType mode_type();
[[nodiscard]] ValueType sha256_type();
[[nodiscard]] ValueType duration_type();
[[nodiscard]] ValueType size_type();
[[nodiscard]] ValueType bandwidth_type();
[[nodiscard]] ValueType decimal_type();
[[nodiscard]] ValueType slurm_name_type();
[[nodiscard]] ValueType slurm_word_type();
[[nodiscard]] ValueType count_limit_type();
[[nodiscard]] ValueType duration_limit_type();
[[nodiscard]] ValueType wall_limit_type();
[[nodiscard]] ValueType tres_type();
[[nodiscard]] ValueType tres_count_type();

/// The canonical text of a value; empty for another sort of value.
[[nodiscard]] std::string text_of(const Value& value);
/// The canonical number of a value; 0 for another sort of value.
[[nodiscard]] std::int64_t number_of(const Value& value);

}  // namespace tidelock
