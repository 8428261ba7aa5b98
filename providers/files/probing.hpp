#pragma once

#include <optional>
#include <span>

#include "engine/model/provider.hpp"

namespace tidelock::files {

/// What is asked first: what is at each path, digests of files, and which images lie in the image folders.
[[nodiscard]] std::optional<Probe> first_probe(std::span<const Subject> subjects);

/// What the answers mean, and what they leave open: digests of images that nobody remembers, the text of
/// files that will change, whether accounts exist, and free space.
[[nodiscard]] Reading read_answers(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                                   const ProbeOptions& options);

}  // namespace tidelock::files
