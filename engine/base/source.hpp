#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace tidelock {

/// The text of one manifest file, kept for excerpts.
struct SourceFile {
  std::string name;                 ///< as messages show it, relative to where the user stands
  std::filesystem::path directory;  ///< absolute; local paths in the file resolve against it
  std::string text;

  /// The text of a line (1-based) without its end; empty beyond the file.
  [[nodiscard]] std::string_view line(std::uint32_t number) const;
};

/// A place in a manifest. Lines and columns count from 1; columns count bytes, as compilers do.
struct Location {
  std::shared_ptr<const SourceFile> file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  [[nodiscard]] bool known() const { return file != nullptr; }
};

/// "site/cluster.yaml:14:9", or an empty string for an unknown place.
[[nodiscard]] std::string to_string(const Location& at);

}  // namespace tidelock
