#pragma once

#include <optional>
#include <span>

#include "engine/model/provider.hpp"

namespace tidelock::files {

/// What is asked of trees first: where their links lead, and all that is in these releases. The answer is one
/// part of the family's, between two labels.
[[nodiscard]] std::optional<Probe> first_tree_probe(std::span<const Subject> subjects);

/// What the parts about trees mean, and what they leave open: contents that nobody remembers, accounts, free
/// space, and who uses a release.
[[nodiscard]] Reading read_trees(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                                 const ProbeOptions& options);

}  // namespace tidelock::files
