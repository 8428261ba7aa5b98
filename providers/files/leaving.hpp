#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "engine/model/provider.hpp"
#include "providers/files/answers.hpp"

namespace tidelock::files {

/// What is no longer declared: it is compared by what it is, not by what it should be.
class LeavingReader {
 public:
  /// `others_going` are paths that go with kinds that are read elsewhere.
  LeavingReader(std::span<const Subject> subjects, const FileAnswers& answers,
                const std::set<std::string, std::less<>>& others_going)
      : subjects_(subjects), answers_(answers), others_going_(others_going) {}

  /// `digest` is that of its content, where it is known.
  void describe(Finding& finding, const Subject& subject, const PathStat& stat,
                const std::optional<std::string>& digest) const;

 private:
  [[nodiscard]] std::optional<Obstacle> not_empty(const Declaration& declaration) const;
  [[nodiscard]] bool leaves(const std::string& path) const;

  std::span<const Subject> subjects_;
  const FileAnswers& answers_;
  const std::set<std::string, std::less<>>& others_going_;
};

}  // namespace tidelock::files
