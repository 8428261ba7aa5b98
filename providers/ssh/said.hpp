#pragma once

#include <string>
#include <string_view>

#include "engine/base/text.hpp"

namespace tidelock::ssh {

/// What a program said, for the detail of an error: each line on its own, behind "| ".
inline std::string said_lines(std::string_view text) {
  std::string out;
  for (const auto line : split(trim(text), '\n'))
    if (const auto words = trim(line); !words.empty()) out += "\n| " + printable(words);
  return out;
}

}  // namespace tidelock::ssh
