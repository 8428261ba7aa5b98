#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/manifest/manifest.hpp"
#include "engine/manifest/schema.hpp"

namespace tidelock::test {

/// A folder of manifest files that is gone at the end of its scope. Tests stand in it: names in messages are
/// relative to it.
class ManifestFolder {
 public:
  ManifestFolder();
  ~ManifestFolder();
  ManifestFolder(const ManifestFolder&) = delete;
  ManifestFolder& operator=(const ManifestFolder&) = delete;

  void write(std::string_view name, std::string_view text) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path before_;
};

/// What `load_manifest` made of a file, and all its messages as text.
struct Loaded {
  std::optional<Manifest> manifest;
  std::string messages;
};

/// Sections like those of the files family: directories, files, images; and a section of the cluster.
[[nodiscard]] const Schema& file_schema();

[[nodiscard]] Loaded load(const std::string& name, const Schema& schema = file_schema());
/// Loads a manifest of this one text, `cluster.yaml`.
[[nodiscard]] Loaded load_text(std::string_view text, const Schema& schema = file_schema());
/// The messages for a manifest that has the usual three keys, then this text.
[[nodiscard]] std::string messages_for(std::string_view text);

/// Diagnostics in the order of their places: "file:line:column: error: summary", then indented detail and
/// notes.
[[nodiscard]] std::string shown(const Diagnostics& diagnostics);
/// A tree in one line, as JSON would be, keys in their order.
[[nodiscard]] std::string shown(const Node& node);

/// The section of this name for the nodes of this type (or the cluster); null pointer if there is none.
[[nodiscard]] const Section* find_section(const Manifest& manifest, std::string_view name,
                                          std::string_view node_type);

}  // namespace tidelock::test
