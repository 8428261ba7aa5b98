#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>

#include "engine/model/provider.hpp"

namespace tidelock::files {

/// What is asked first: what is at each path, digests of files, and which images lie in the image folders.
[[nodiscard]] std::optional<Probe> first_probe(std::span<const Subject> subjects);

/// What the answers mean, and what they leave open: digests of images that nobody remembers, the text of
/// files that will change, whether accounts exist, and free space. `others_going` are paths that other kinds
/// delete: a directory may hold them and still go.
[[nodiscard]] Reading read_answers(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                                   const ProbeOptions& options,
                                   const std::set<std::string, std::less<>>& others_going);

}  // namespace tidelock::files
