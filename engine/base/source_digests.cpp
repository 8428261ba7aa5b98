#include "engine/base/source_digests.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/digest.hpp"
#include "engine/base/file.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

constexpr std::uint64_t cache_limit = 64'000'000;

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

FileIdentity identity_from(const struct stat& info) {
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), nanoseconds(info.st_mtim),
          nanoseconds(info.st_ctim)};
}

std::unexpected<Error> unreadable(const std::filesystem::path& path, std::string why) {
  return failure("Cannot read source", fmt::format("{}: {}", shown(path.native()), std::move(why)));
}

Result<SourceDigests::Entry> read_and_digest(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat before{};
  if (!file.valid() || fstat(file.get(), &before) != 0) return unreadable(path, errno_text(errno));
  if (!S_ISREG(before.st_mode)) return unreadable(path, "it is not a regular file");
  posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  Sha256 digest;
  std::string buffer(std::size_t{1} << 20U, '\0');
  for (;;) {
    const auto got = read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno_text(errno));
    if (got == 0) break;
    digest.add(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)));
  }
  struct stat after{};
  if (stat(path.c_str(), &after) != 0 || identity_from(after) != identity_from(before))
    return failure("Source changed while it was read", shown(path.native()), "wait until it is complete");
  return SourceDigests::Entry{std::move(digest).hex(), identity_from(before)};
}

nlohmann::json to_json(const SourceDigests::Entry& entry) {
  const auto& id = entry.identity;
  return {{"sha256", entry.sha256}, {"device", id.device},     {"inode", id.inode},
          {"size", id.size},        {"mtime", id.modified_ns}, {"ctime", id.changed_ns}};
}

SourceDigests::Entry from_json(const nlohmann::json& json) {
  return {json.at("sha256"),
          {json.at("device"), json.at("inode"), json.at("size"), json.at("mtime"), json.at("ctime")}};
}

}  // namespace

SourceDigests::SourceDigests(std::filesystem::path cache) : cache_(std::move(cache)) { load(); }

void SourceDigests::load() try {
  const auto text = read_file(cache_, cache_limit);
  if (!text) return;
  const auto json = nlohmann::json::parse(*text);  // items() only refers to it
  for (const auto& [path, entry] : json.items()) entries_.emplace(path, from_json(entry));
} catch (const nlohmann::json::exception&) {
  entries_.clear();
}

Result<SourceDigests::Entry> SourceDigests::digest(const std::filesystem::path& path) {
  const auto identity = identity_of(path);
  if (!identity) return std::unexpected(identity.error());
  {
    const std::scoped_lock lock(mutex_);
    const auto known = entries_.find(path.native());
    if (known != entries_.end() && known->second.identity == *identity) return known->second;
  }
  auto entry = read_and_digest(path);
  if (!entry) return entry;
  const std::scoped_lock lock(mutex_);
  entries_.insert_or_assign(path.native(), *entry);
  changed_ = true;
  return entry;
}

void SourceDigests::clear() {
  const std::scoped_lock lock(mutex_);
  entries_.clear();
  changed_ = true;
}

void SourceDigests::save() {
  const std::scoped_lock lock(mutex_);
  if (!changed_) return;
  auto json = nlohmann::json::object();
  for (const auto& [path, entry] : entries_)
    if (is_utf8(path)) json[path] = to_json(entry);
  if (replace_file(cache_, json.dump(1), S_IRUSR | S_IWUSR)) changed_ = false;
}

Result<FileIdentity> identity_of(const std::filesystem::path& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return unreadable(path, errno_text(errno));
  return identity_from(info);
}

}  // namespace tidelock
