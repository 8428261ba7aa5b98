#include "providers/redis/saving.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/redis/config/aclfile.hpp"
#include "providers/redis/inquiry.hpp"

namespace tidelock::redis {
namespace {

std::optional<SavedFile> saved_file(const Instance& instance, const std::string& path) {
  const auto* seen = path.empty() ? nullptr : instance.file(path);
  if (seen == nullptr) return std::nullopt;
  return SavedFile{path, seen->state == "file" ? seen->digest : "none"};
}

}  // namespace

std::shared_ptr<const Found> found_for(const Instance& instance) {
  auto found = std::make_shared<Found>();
  found->connection = instance.connection();
  if (instance.has_aclfile()) found->users_file = saved_file(instance, instance.users_path());
  found->configuration = saved_file(instance, instance.configuration_path());
  std::string lines;
  if (const auto* users = instance.reply("users"); users != nullptr && users->is_list())
    for (const auto& line : users->texts()) lines += line + '\n';
  found->users_text = Secret(std::move(lines));
  return found;
}

std::string saving_obstacle(const Instance& instance, const std::string& path) {
  if (path.empty()) return {};
  if (!path.starts_with('/')) return fmt::format("redis saves to {}, which is no absolute path", shown(path));
  const auto* seen = instance.file(path);
  if (seen == nullptr) return fmt::format("nobody could look at {}", shown(path));
  if (seen->state == "link")
    return fmt::format("{} is a symbolic link, and redis would put a file in its place", shown(path));
  if (seen->state == "odd") return fmt::format("{} is no file that can be read", shown(path));
  if (seen->state == "none" && path == instance.configuration_path())
    return fmt::format("{}, which redis was started with, is gone", shown(path));
  return {};
}

std::vector<std::string> saved_paths(const Instance& instance, std::span<const Subject> subjects) {
  std::vector<std::string> paths;
  const auto add = [&](const std::string& path) {
    if (path.starts_with('/') && !holds(paths, path)) paths.push_back(path);
  };
  if (any_of_kind(subjects, user_kind)) add(instance.users_path());
  if (any_of_kind(subjects, config_kind)) add(instance.configuration_path());
  if (const auto* move = declared_move(subjects, instance)) add(std::string(move->attributes.text("value")));
  return paths;
}

std::vector<BeforeImage> images_of(const Instance& instance, const std::string& path) {
  const auto* seen = path.empty() ? nullptr : instance.file(path);
  if (seen == nullptr || seen->state != "file") return {};
  return {{path, seen->text.size()}};
}

Memory memory_for(const Instance& instance) {
  const auto& connection = *instance.connection();
  return {{connection.address, connection.user, std::nullopt}, {}};
}

}  // namespace tidelock::redis
