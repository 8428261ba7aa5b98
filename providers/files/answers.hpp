#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/model/observation.hpp"
#include "engine/model/provider.hpp"
#include "providers/common/holders.hpp"

namespace tidelock::files {

/// What lstat(2) says of a path. Times keep their text: they are only compared.
struct PathStat {
  std::uint32_t mode = 0;  ///< with the file type
  std::string device, inode;
  std::uint64_t links = 0;
  std::string uid, gid;
  std::uint64_t size = 0;
  std::string modified, changed;  ///< seconds since the epoch with nine decimals
  std::string user, group;        ///< names, or the numbers where there is no name

  [[nodiscard]] bool is_directory() const;
  [[nodiscard]] bool is_regular() const;
  [[nodiscard]] bool is_symlink() const;
  /// "a symbolic link", "a regular file", … for messages.
  [[nodiscard]] std::string_view type_name() const;
  /// Permission bits as manifests write them: "0755".
  [[nodiscard]] std::string permissions() const;
};

struct Space {
  std::uint64_t free = 0;  ///< bytes that ordinary users may still write
  std::string filesystem;  ///< its id
};

/// One of its parents is something else than a directory.
struct BehindNoDirectory {};

/// The probe's records, understood. What is missing was not answered.
struct FileAnswers {
  std::map<std::string, std::variant<PathStat, Absent, BehindNoDirectory, Unknown>, std::less<>> paths;
  std::map<std::string, std::string, std::less<>> digests;
  std::vector<std::string> images;
  std::optional<std::string> text;
  std::optional<std::set<std::string, std::less<>>> users, groups;
  std::map<std::string, Space, std::less<>> spaces;
  /// Names in a folder; the end of a very long list is missing. A folder that was not asked about is not
  /// here.
  std::map<std::string, std::vector<std::string>, std::less<>> entries;
  /// "device inode" of what the history of this host keeps by a link of its own.
  std::multiset<std::string, std::less<>> kept;
  /// None when nobody asked.
  std::optional<Holders> holders;
};

/// What is wrong with the thing at the path as such, whatever its attributes.
[[nodiscard]] std::optional<Obstacle> wrong_type(const Declaration& declaration, const PathStat& stat);

/// `paths` are those that stat was asked about, in that order, in chunks as they were asked.
[[nodiscard]] FileAnswers parse_answers(std::span<const ProbeOutput> outputs,
                                        const std::vector<std::vector<std::string>>& paths);

}  // namespace tidelock::files
