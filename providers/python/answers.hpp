#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/model/observation.hpp"
#include "engine/model/provider.hpp"
#include "providers/common/holders.hpp"

namespace tidelock::python {

/// What is at a path.
struct Place {
  char type = '?';   ///< as find(1) calls it
  std::string link;  ///< what a link leads to
};

/// What an environment tells of itself.
struct Stamp {
  std::string text;
  std::map<std::string, std::string, std::less<>> words;  ///< "requirements", "wheels", "python", "version"
  bool whole = false;                                     ///< what makes it an environment is there
};

struct Owner {
  std::string uid, gid, user, group;
};

using Names = std::optional<std::set<std::string, std::less<>>>;

/// The probe's records, understood. What is missing was not answered.
struct VenvAnswers {
  bool sound = false;  ///< all that was said of environments made sense, and it came to its end
  std::map<std::string, std::variant<Place, Absent, Unknown>, std::less<>> places;
  std::optional<std::set<std::string, std::less<>>> builds;  ///< paths of all builds of all environments
  std::optional<std::map<std::string, Stamp, std::less<>>> stamps;
  std::map<std::string, Owner, std::less<>> owners;
  std::map<std::string, std::string, std::less<>> versions;  ///< by interpreter; empty where it does not run
  Names users, groups;
  std::optional<Holders> holders;
};

/// `paths` are those that were looked at, in that order.
[[nodiscard]] VenvAnswers parse_venv_answers(std::span<const ProbeOutput> outputs,
                                             const std::vector<std::string>& paths);

}  // namespace tidelock::python
