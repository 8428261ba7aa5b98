#include "tests/property/traces.hpp"

#include <array>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <sys/stat.h>

#include "engine/base/text.hpp"

namespace tidelock::property {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 6> borrowed{"/usr", "/proc", "/dev", "/bin", "/sbin", "/lib"};

std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t second = 1'000'000'000;
  return time.tv_sec * second + time.tv_nsec;
}

std::string content_of(const fs::path& path, std::uint32_t mode) {
  if (S_ISLNK(mode)) return fs::read_symlink(path).native();
  if (!S_ISREG(mode)) return {};
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Trace trace_of(const fs::path& path) {
  struct stat status{};
  lstat(path.c_str(), &status);
  return {.mode = status.st_mode,
          .uid = status.st_uid,
          .gid = status.st_gid,
          .inode = status.st_ino,
          .modified = nanoseconds(status.st_mtim),
          .changed = nanoseconds(status.st_ctim),
          .content = content_of(path, status.st_mode)};
}

std::string_view type_name(std::uint32_t mode) {
  if (S_ISDIR(mode)) return "directory";
  if (S_ISREG(mode)) return "file";
  if (S_ISLNK(mode)) return "link";
  return "special file";
}

}  // namespace

Traces traces_of(const fs::path& root) {
  Traces traces;
  for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator();
       ++entry) {
    const auto path = entry->path().native().substr(root.native().size());
    if (holds(borrowed, std::string_view(path))) {
      entry.disable_recursion_pending();
      continue;
    }
    traces.emplace(path, trace_of(entry->path()));
  }
  return traces;
}

std::string describe(const Trace& trace) {
  constexpr std::uint32_t permissions = 07777;
  constexpr std::size_t enough = 60;
  return fmt::format("{} {:04o} {}:{} {}", type_name(trace.mode), trace.mode & permissions, trace.uid,
                     trace.gid, shown(trace.content.substr(0, enough)));
}

std::string real_path(const Traces& traces, std::string_view path) {
  std::string real;
  std::vector<std::string> parts;
  for (const auto part : split(path, '/'))
    if (!part.empty()) parts.emplace_back(part);
  int links = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == ".." || parts[i] == ".") {
      if (parts[i] == "..") real.resize(std::min(real.size(), real.rfind('/')));
      continue;
    }
    const auto here = real + '/' + parts[i];
    const auto trace = traces.find(here);
    const bool link = trace != traces.end() && S_ISLNK(trace->second.mode);
    if (!link || i + 1 == parts.size() || ++links > 8) {
      real = here;
      continue;
    }
    const auto& target = trace->second.content;
    if (target.starts_with('/')) real.clear();
    std::vector<std::string> rest;
    for (const auto part : split(target, '/'))
      if (!part.empty()) rest.emplace_back(part);
    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest.begin(), rest.end());
  }
  return real;
}

bool lies_at(std::string_view path, std::string_view folder) {
  return path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

}  // namespace tidelock::property
