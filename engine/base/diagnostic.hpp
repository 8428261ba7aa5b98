#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/source.hpp"

namespace tidelock {

enum class Severity : std::uint8_t {
  error,
  refusal,  ///< an error in words that can be understood, but hardly be meant: no machine, an image folder
            ///< that is empty
  warning,
};

/// A second place that belongs to a diagnostic: "first declared here".
struct Note {
  Location at;
  std::string text;
};

/// Something the user wrote wrong, and where.
struct Diagnostic {
  Severity severity = Severity::error;
  Location at;
  std::string summary;  ///< constant text, a sentence without full stop: "Unknown key"
  std::string detail;   ///< this case: what, why, and what to write instead; may be empty
  std::vector<Note> notes;
};

/// All problems of one run, collected so that the user sees every one at once.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic) { list_.push_back(std::move(diagnostic)); }
  void error(Location at, std::string summary, std::string detail = {}, std::vector<Note> notes = {});
  void refuse(Location at, std::string summary, std::string detail = {});
  void warning(Location at, std::string summary, std::string detail = {}, std::vector<Note> notes = {});
  void append(Diagnostics other);

  /// Refusals count.
  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] bool only_refusals() const;
  [[nodiscard]] bool empty() const { return list_.empty(); }
  /// In the order of their places: by file as first seen, then line and column. What was found twice (a body
  /// that several node types extend) is there once.
  [[nodiscard]] std::vector<Diagnostic> sorted() const;
  [[nodiscard]] const std::vector<Diagnostic>& list() const { return list_; }

 private:
  std::vector<Diagnostic> list_;
};

}  // namespace tidelock
