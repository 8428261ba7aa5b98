#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/redis/acl_users/reading.hpp"
#include "providers/redis/instance.hpp"

namespace tidelock::redis {

/// What an instance says of its settings.
class SettingReader {
 public:
  SettingReader(std::span<const Subject> subjects, const Instance& instance, const UserReader& users,
                std::shared_ptr<const Found> found)
      : subjects_(subjects), instance_(instance), users_(users), found_(std::move(found)) {}

  [[nodiscard]] Finding finding(const Subject& subject) const;
  [[nodiscard]] std::vector<std::string> remarks() const;

 private:
  [[nodiscard]] std::string obstacle(const Declaration& declaration) const;
  [[nodiscard]] bool is_saved(const std::string& name, const std::string& live) const;

  std::span<const Subject> subjects_;
  const Instance& instance_;
  const UserReader& users_;
  std::shared_ptr<const Found> found_;
};

}  // namespace tidelock::redis
