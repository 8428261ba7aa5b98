#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/manifest/value.hpp"
#include "providers/files/tree.hpp"
#include "providers/files/tree_answers.hpp"

namespace tidelock::files {

/// What counts of a release as a tree; the entry of the release itself is left out.
[[nodiscard]] std::vector<TreeEntry> tree_entries(const std::vector<LiveEntry>& entries,
                                                  const std::map<std::string, std::string>& sums);

/// While this is the same, so is the whole release: names, types, attributes, identities and times of all in
/// it.
[[nodiscard]] std::string listing_digest(const std::vector<LiveEntry>& entries);

/// Owner, group and modes: what all in the release share, or all the different ones, as declared ones are
/// written.
[[nodiscard]] Attributes shared_attributes(const std::vector<LiveEntry>& entries, const Attributes& declared);

/// What a new release adds, takes away and changes, a line for each, not too many.
[[nodiscard]] std::string tree_diff(std::span<const TreeEntry> before, std::span<const TreeEntry> after);

/// The permissions of files that may be executed, for those of files that may not: by all who may read them.
[[nodiscard]] std::string program_mode(std::string_view file_mode);

}  // namespace tidelock::files
