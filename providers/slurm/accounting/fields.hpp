#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/node.hpp"
#include "engine/manifest/value.hpp"

namespace tidelock::slurm {

/// How a field of sacctmgr is written, read and compared.
enum class Form : std::uint8_t {
  count,    ///< a number, or no limit
  seconds,  ///< a duration; `set` takes seconds
  minutes,  ///< a duration of whole minutes, or no limit; `set` takes minutes
  span,     ///< a duration, or no limit; `set` takes HH:MM:SS
  decimal,  ///< a number with up to six decimals, or none
  tres,     ///< amounts by trackable resource
  words,    ///< a set out of a few words
  word,     ///< one of a few words
  names,    ///< a set of QoS
  name,     ///< a QoS, account or cluster, or none
  shares,   ///< a number, or "parent"
  text,     ///< free text, in small letters: sacctmgr keeps no others
};

/// One thing that sacctmgr(1) keeps of a QoS, an account, a user or an association. Schema, reading,
/// comparing, writing and the reference all follow from it.
struct Field {
  std::string_view key;       ///< in the manifest; also the attribute's name
  std::string_view sacctmgr;  ///< in `format=` and in `set`, where both know it by this name
  Form form;
  std::string_view initial;  ///< as sacctmgr shows it where nobody ever set it
  std::string_view reset;    ///< what `set` takes to make that so
  std::string_view description;
  /// Of Form::word and Form::words, as sacctmgr spells them. GCC warns of tables without it unless it has an
  /// initializer.
  std::span<const std::string_view> words = {};  // NOLINT(readability-redundant-member-init)
};

/// Of a QoS, in the order in which they are asked for; `description` is none of them, since it may hold what
/// separates the others.
[[nodiscard]] std::span<const Field> qos_fields();
/// Limits and defaults of an association: those of an account, a user in an account, or the whole cluster.
[[nodiscard]] std::span<const Field> association_fields();
[[nodiscard]] std::span<const Field> user_fields();
/// Of all that an entity of this kind may have.
[[nodiscard]] const Field* find_field(std::string_view kind, std::string_view key);

/// The field in a family's schema.
[[nodiscard]] nlohmann::json property_of(const Field& field);

/// Summary and detail of what is wrong with a value that no schema has seen; none where it is right.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> fault_of(const Field& field,
                                                                          const Node& node);

/// What the manifest declares. The schema has seen the node; what it cannot see goes to `diagnostics`.
[[nodiscard]] Value declared_value(const Field& field, const Node& node, Diagnostics& diagnostics);
/// What sacctmgr shows, in the same canonical form; none where it makes no sense.
[[nodiscard]] std::optional<Value> seen_value(const Field& field, std::string_view text);
/// What it is where nobody ever set it.
[[nodiscard]] Value initial_value(const Field& field);

/// `NAME=VALUE` for `sacctmgr … set`. Of a field of several parts, those that `before` has and `wanted` has
/// not are taken away.
[[nodiscard]] std::string assignment(const Field& field, const Value& wanted, const Value* before);

}  // namespace tidelock::slurm
