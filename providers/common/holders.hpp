#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/observation.hpp"
#include "engine/model/script.hpp"

namespace tidelock {

/// Who uses files, and what lives in releases, on one host: processes, Slurm jobs, and loop devices.
class Holders {
 public:
  /// The question. Of a path with a folder of releases beside it, everything in there counts.
  [[nodiscard]] static Script question(std::span<const std::string> paths);
  /// Reads the answer behind its label "holders", and leaves `at` behind it. None when it is not complete.
  [[nodiscard]] static std::optional<Holders> parse(std::span<const std::string> records, std::size_t& at);

  [[nodiscard]] bool use(std::string_view path) const { return users_.contains(path); }
  [[nodiscard]] std::vector<Disturbance> disturbances(std::string_view path, const std::string& effect) const;
  /// "pending: process 4711 (nginx) uses it; it is deleted when nobody does". None when nobody uses it.
  [[nodiscard]] std::optional<Obstacle> pending(std::string_view path) const;

 private:
  friend class HoldersParser;
  /// By path and by name, which kind of user it is.
  std::map<std::string, std::map<std::string, Disturbance::Kind>, std::less<>> users_;
};

}  // namespace tidelock
