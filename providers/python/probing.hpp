#pragma once

#include <optional>
#include <span>

#include "engine/model/provider.hpp"

namespace tidelock::python {

/// What is asked first: where links lead, what builds say of themselves, and which versions interpreters
/// have.
[[nodiscard]] std::optional<Probe> first_venv_probe(std::span<const Subject> subjects);

/// What the answers mean, and what they leave open: who uses what goes or changes.
[[nodiscard]] Reading read_venvs(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                                 const ProbeOptions& options);

}  // namespace tidelock::python
