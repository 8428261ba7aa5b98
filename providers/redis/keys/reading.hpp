#pragma once

#include <memory>
#include <string>

#include "engine/model/provider.hpp"
#include "providers/redis/instance.hpp"

namespace tidelock::redis {

/// What an instance says of its keys.
class KeyReader {
 public:
  KeyReader(const Instance& instance, std::shared_ptr<const Found> found)
      : instance_(instance), found_(std::move(found)) {}

  [[nodiscard]] Finding finding(const Subject& subject) const;

 private:
  [[nodiscard]] std::string missing(const Declaration& declaration) const;
  [[nodiscard]] Value lifetime(const Declaration& declaration) const;
  [[nodiscard]] std::string obstacle(const Subject& subject) const;

  const Instance& instance_;
  std::shared_ptr<const Found> found_;
};

}  // namespace tidelock::redis
