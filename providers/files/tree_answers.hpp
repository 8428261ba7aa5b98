#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/common/holders.hpp"
#include "providers/files/answers.hpp"

namespace tidelock::files {

/// One thing in a release on a host.
struct LiveEntry {
  std::string name;  ///< path in the release; empty for the release itself
  char type = '?';   ///< as find(1) calls it, and 'x' for a file that its owner may run
  unsigned mode = 0;
  std::string uid, gid, user, group;
  std::string link;      ///< what a link leads to
  std::string identity;  ///< while this is the same, so are the bytes
};

/// The records about trees, understood. What is missing was not answered.
struct TreeAnswers {
  FileAnswers files;  ///< what is at the paths and beside them, accounts, and space
  std::map<std::string, std::string, std::less<>> links;
  std::optional<std::set<std::string, std::less<>>> releases;  ///< paths of all releases of all trees
  std::map<std::string, std::vector<LiveEntry>, std::less<>> contents;  ///< by release
  bool contents_complete = false;
  std::optional<std::map<std::string, std::string, std::less<>>> sums;  ///< SHA-256 by path
  std::optional<Holders> holders;
};

inline constexpr std::string_view tree_part_begins = "trees:";
inline constexpr std::string_view tree_part_ends = "files:";

/// One answer of the family, in its two parts: about trees, and about all else.
struct AnswerParts {
  ProbeOutput trees, others;
};
[[nodiscard]] AnswerParts parts_of(const ProbeOutput& output);

/// `outputs` are parts about trees; `paths` are those that stat was asked about.
[[nodiscard]] TreeAnswers parse_tree_answers(std::span<const ProbeOutput> outputs,
                                             const std::vector<std::vector<std::string>>& paths);

}  // namespace tidelock::files
