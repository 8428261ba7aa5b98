#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// The answers of a host, taken apart: the scripts of a round follow each other, and the first record of each
/// is its label.
class Answers {
 public:
  explicit Answers(std::span<const ProbeOutput> answers) : answers_(answers) {}

  /// The records of one script, its label first; empty where it did not answer. "accounting" stands for all
  /// that is said before the controller.
  [[nodiscard]] std::span<const std::string> first(std::string_view label) const { return part(0, label); }
  /// Of the second round.
  [[nodiscard]] std::span<const std::string> second(std::string_view label) const { return part(1, label); }

 private:
  [[nodiscard]] std::span<const std::string> part(std::size_t round, std::string_view label) const;

  std::span<const ProbeOutput> answers_;
};

}  // namespace tidelock::slurm
