#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "providers/slurm/configuration/edit.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

/// A piece of a text and what takes its place.
struct Splice {
  Range at;
  std::string text;
};

/// Splices may come in any order, those at the same place in the order in which they are to stand. They must
/// not overlap. Refused is what would bring a new problem, or a text that is too long.
[[nodiscard]] Result<ConfigurationText> spliced(const ConfigurationText& configuration,
                                                std::vector<Splice> splices);

/// Replaces a part of a statement, which may span lines. Comments between these lines stay, and with them the
/// lines.
void replace(std::vector<Splice>& splices, const Statement& statement, Range at, std::string text);

/// Lines of their own at an offset where a line begins, or at the end of the text. They never become part of
/// a line that continues there, and end as the line before them does.
[[nodiscard]] Splice new_lines(const ConfigurationText& configuration, std::size_t offset,
                               std::span<const std::string> lines);

/// What `change_record` does.
[[nodiscard]] Result<std::vector<Splice>> record_splices(const ConfigurationText& configuration,
                                                         std::size_t statement,
                                                         std::span<const Setting> settings);

[[nodiscard]] std::unexpected<Error> no_edit(std::string detail);
/// An edit that one statement stands against.
[[nodiscard]] std::unexpected<Error> no_edit(const Statement& statement, std::string_view why);

}  // namespace tidelock::slurm
