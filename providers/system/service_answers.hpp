#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

/// What systemd knows of a unit.
struct UnitState {
  std::string load, active, file, fragment;
  bool can_reload = false;
};

/// What is at one of our paths.
struct UnitFile {
  bool owed = false;  ///< its restart
  std::string state;  ///< none, link, odd, file
  std::string text;
};

struct SecretsFile {
  std::string sha256;
  std::string identity;  ///< inode, size and times
  bool is_private = false;
};

/// A process that has a port.
struct Holder {
  std::string process, user, command;
  std::vector<std::string> groups;  ///< its control groups
};

struct Listening {
  std::int64_t port = 0;
  std::string inode;
};

/// The records about services, understood. What is missing was not answered, or made no sense.
struct ServiceAnswers {
  bool no_systemd = false;
  std::map<std::string, UnitState, std::less<>> units;
  std::map<std::string, UnitFile, std::less<>> files;  ///< by path
  std::optional<std::map<std::string, SecretsFile, std::less<>>> secrets;
  std::optional<std::vector<Listening>> listening;
  std::optional<std::map<std::string, std::vector<Holder>, std::less<>>> holders;  ///< by inode
};

/// `units` are those that systemctl was asked about, in that order.
[[nodiscard]] ServiceAnswers parse_service_answers(std::span<const ProbeOutput> outputs,
                                                   const std::vector<std::string>& units);

}  // namespace tidelock::system
