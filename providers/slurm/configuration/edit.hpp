#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

// Edits give a new text and leave every byte alone that they are not about. Doing one again changes nothing
// more.
//
// All refuse, and change nothing: values and keys that cannot be written (`written_value`, `is_key`),
// statements that are not sound, texts that are too long to be a configuration, and all that would bring a
// new `Problem`.

/// A key and what it is to be; nothing: it is to be taken away.
struct Setting {
  std::string key;
  std::optional<std::string> value;
};

/// How a value is written: `#` and `\` escaped, in double quotes when it has blanks or is empty, or when
/// `quoted` asks for them. Refused are values with a double quote, for which Slurm knows no escape, or with
/// control characters other than tabs.
[[nodiscard]] Result<std::string> written_value(std::string_view value, bool quoted = false);

/// Sets a global parameter. Where there is one, its value is replaced in the last line that has it, the one
/// that counts; spelling, spacing and comments stay, earlier lines too. A list parameter
/// (`is_list_parameter`) has this one line afterwards.
///
/// A new one gets a line behind the last parameter that begins with the same words (SlurmctldPort behind
/// SlurmctldDebug), or behind the last parameter before the first record, or before that record and the
/// comments that stand right above it, or at the end. An Include line behind it may still override it: see
/// `parameter`.
[[nodiscard]] Result<ConfigurationText> set_parameter(const ConfigurationText& configuration,
                                                      std::string_view key, std::string_view value);

/// Makes lines with this key have these values, in this order: values are replaced where they stand, lines
/// that are too many go, further ones follow the last. No values: all go.
[[nodiscard]] Result<ConfigurationText> set_parameter_list(const ConfigurationText& configuration,
                                                           std::string_view key,
                                                           std::span<const std::string> values);

/// Takes away all lines that set a global parameter, with the comments in these lines.
[[nodiscard]] Result<ConfigurationText> remove_parameter(const ConfigurationText& configuration,
                                                         std::string_view key);

/// Sets and takes away keys of one record, given by its index. New keys are put behind the last one. Of a key
/// that is there twice, the last one is set, as it is the one that counts; both go when it is taken away. The
/// key a record begins with can be set, not taken away.
[[nodiscard]] Result<ConfigurationText> change_record(const ConfigurationText& configuration,
                                                      std::size_t statement,
                                                      std::span<const Setting> settings);

/// Adds a record behind the last one of its sort, or at the end; the first key says which sort. DEFAULT
/// records above that place count for it. Nothing is done where a record says just that already; refused when
/// another one begins with the same key and value, except in gres.conf and for DEFAULT and DownNodes, which
/// may be repeated.
[[nodiscard]] Result<ConfigurationText> add_record(const ConfigurationText& configuration,
                                                   std::span<const Setting> settings);

/// Takes away a record with the lines that continue it. Comments above it stay.
[[nodiscard]] Result<ConfigurationText> remove_record(const ConfigurationText& configuration,
                                                      std::size_t statement);

}  // namespace tidelock::slurm
