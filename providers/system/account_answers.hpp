#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

struct UserEntry {
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::string comment, home, shell;
};

struct GroupEntry {
  std::int64_t gid = 0;
  std::vector<std::string> members;  ///< in order
};

template <class Entry>
using Accounts = std::map<std::string, Entry, std::less<>>;

/// What the host said of the authorized keys of one user.
struct KeyFile {
  std::string home;
  std::string state;  ///< homeless, link, none, odd, file
  std::string text;
};

/// Owner and mode of a path.
struct Dress {
  std::int64_t uid = 0;
  std::uint32_t mode = 0;
};

/// The records about accounts, understood. What is missing was not answered, or made no sense.
struct AccountAnswers {
  std::optional<Accounts<UserEntry>> local_users, known_users;
  std::optional<Accounts<GroupEntry>> local_groups, known_groups;
  std::map<std::string, KeyFile, std::less<>> keys;
  std::map<std::string, Dress, std::less<>> dress;
  std::optional<std::map<std::int64_t, int>> processes;  ///< how many, by number of the user
};

[[nodiscard]] AccountAnswers parse_account_answers(std::span<const ProbeOutput> outputs);

}  // namespace tidelock::system
