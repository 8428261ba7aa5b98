#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/command/exit_status.hpp"
#include "engine/plan/plan.hpp"

namespace tidelock {

enum class Format : std::uint8_t { text, json, markdown };
enum class Picture : std::uint8_t { dot, svg };
enum class AfterFailure : std::uint8_t { stop, go_on, roll_back };
enum class When : std::uint8_t { automatic, always, never };

/// Everything the command line can say. Which of it a verb takes is decided where the verb is defined.
struct Options {
  std::string verb;
  std::filesystem::path manifest = ".";  ///< or a plan file, for `apply` and `show`
  std::string address;  ///< for `explain` and `forget`; the lock for `unlock`, the run for `rollback`
  std::vector<std::string> hosts;  ///< for `init`: host lists

  Format format = Format::text;
  Picture picture = Picture::dot;  ///< for `graph`
  bool everything = false;         ///< for `graph`: also what stays as it is
  When colour = When::automatic;
  std::string log_level = "warn";
  unsigned parallelism = 64;
  bool rehash = false;
  bool show_extra = false;
  bool detailed_exitcode = false;
  bool auto_approve = false;
  std::vector<std::string> approved;  ///< addresses of changes that are made only when they are named
  std::optional<std::filesystem::path> out;
  std::optional<std::filesystem::path> observed;
  std::chrono::seconds lock_timeout{30};
  Selection selection;
  std::optional<std::int64_t> max_deletions;
  AfterFailure on_failure = AfterFailure::go_on;

  std::optional<std::string> user;  ///< for `init`
  bool become = false;              ///< for `init`
  std::vector<std::filesystem::path> identities;
  std::vector<std::filesystem::path> known_hosts;
};

/// What the command line asks for, or the status to leave with: help was shown, or it was not understood.
[[nodiscard]] std::variant<Options, Exit> parse_command_line(int argc, const char* const* argv);

}  // namespace tidelock
