#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::property {

/// All that can be seen of one path.
struct Trace {
  std::uint32_t mode = 0;  ///< with the type
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t inode = 0;
  std::int64_t modified = 0, changed = 0;  ///< nanoseconds
  std::string content;                     ///< or what a link leads to

  [[nodiscard]] bool same_thing(const Trace& other) const {
    return mode == other.mode && uid == other.uid && gid == other.gid && content == other.content;
  }
  bool operator==(const Trace&) const = default;
};

/// What a host holds, by path; without what it borrows from this machine.
using Traces = std::map<std::string, Trace, std::less<>>;

[[nodiscard]] Traces traces_of(const std::filesystem::path& root);

/// "file 0644 0:0 3f…", for people.
[[nodiscard]] std::string describe(const Trace& trace);

/// Where a path is when links on the way to it are followed; what is there may be a link itself.
[[nodiscard]] std::string real_path(const Traces& traces, std::string_view path);

/// Whether a path is the folder or lies below it.
[[nodiscard]] bool lies_at(std::string_view path, std::string_view folder);

}  // namespace tidelock::property
