#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "engine/base/result.hpp"

namespace tidelock {

/// The identity of a file's content as far as the file system tells: while all of these are the same, so are
/// the bytes.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;

  bool operator==(const FileIdentity&) const = default;
};

/// Digests of local files, remembered between runs, so that nobody re-reads 800 MB that has not changed.
/// May be used from several threads.
class SourceDigests {
 public:
  /// `cache` is a file of ours; one that is missing or broken is an empty cache.
  explicit SourceDigests(std::filesystem::path cache);

  struct Entry {
    std::string sha256;
    FileIdentity identity;
  };

  /// The file's digest. A file that changes while it is read is refused.
  [[nodiscard]] Result<Entry> digest(const std::filesystem::path& path);
  /// Forgets what was remembered, for `--rehash`.
  void clear();
  /// Writes the cache if it changed. A cache that cannot be written costs time later and nothing else.
  void save();

 private:
  void load();

  std::filesystem::path cache_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  ///< by absolute path
  bool changed_ = false;
};

[[nodiscard]] Result<FileIdentity> identity_of(const std::filesystem::path& path);

}  // namespace tidelock
