#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/manifest/node.hpp"

namespace tidelock::system {

/// A word in a command line of systemd, taken as it is: no variables, no specifiers, no splitting.
[[nodiscard]] std::string exec_word(std::string_view word);

/// Lines of an environment file, quoted as EnvironmentFile= reads them.
[[nodiscard]] std::string environment_line(std::string_view name, std::string_view value);

/// The unit that the keys of a service ask for. `secrets` is the path of the environment file, or empty.
[[nodiscard]] std::string unit_text(std::string_view name, const Node& body, std::string_view secrets);

}  // namespace tidelock::system
