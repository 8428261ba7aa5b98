#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/base/diagnostic.hpp"
#include "engine/manifest/node.hpp"
#include "engine/manifest/value.hpp"

namespace tidelock::slurm {

/// How a key of a partition or node line is written, read and compared.
enum class ConfForm : std::uint8_t {
  flag,       ///< YES or NO
  count,      ///< a number
  limit,      ///< a number, or no limit
  megabytes,  ///< memory, which the file counts in megabytes
  seconds,    ///< a duration that the file counts in seconds
  wall,       ///< a duration of whole minutes, or no limit
  names,      ///< a set of names
  word,       ///< one of a few words, in any case
  caseless,   ///< anything, in any case
  amounts,    ///< generic resources: name or name:type, and how many
  text,       ///< anything
};

/// One key of a PartitionName or NodeName line (slurm.conf(5), 22.05 to 24.11). Schema, reading, comparing
/// and writing all follow from it.
struct ConfField {
  std::string_view key;    ///< in the manifest; also the attribute's name
  std::string_view slurm;  ///< in slurm.conf
  ConfForm form;
  std::string_view initial;  ///< what it is where no line says anything; empty: there is none
  std::string_view description;
  /// Another spelling of the same key.
  std::string_view alias = {};                   // NOLINT(readability-redundant-member-init)
  std::span<const std::string_view> words = {};  // NOLINT(readability-redundant-member-init)
};

[[nodiscard]] std::span<const ConfField> partition_fields();
[[nodiscard]] std::span<const ConfField> node_fields();
/// Of a slurm_partition or slurm_node; null for what is no key of theirs.
[[nodiscard]] const ConfField* find_conf_field(std::string_view kind, std::string_view key);

/// The key in the family's schema.
[[nodiscard]] nlohmann::json property_of(const ConfField& field);

/// What the manifest declares; the schema has seen the node.
[[nodiscard]] Value declared_value(const ConfField& field, const Node& node);
/// What a line says, in the same canonical form; none where it makes no sense.
[[nodiscard]] std::optional<Value> seen_value(const ConfField& field, std::string_view text);
/// What it is where no line says anything.
[[nodiscard]] Value initial_value(const ConfField& field);
/// How a line says it.
[[nodiscard]] std::string written(const ConfField& field, const Value& value);

}  // namespace tidelock::slurm
