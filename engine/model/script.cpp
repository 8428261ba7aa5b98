#include "engine/model/script.hpp"

#include <utility>

namespace tidelock {

Script& Script::with(ShellText text) & {
  texts_.push_back(text);
  return *this;
}

Script&& Script::with(ShellText text) && { return std::move(with(text)); }

Script& Script::argument(std::string_view value) & {
  arguments_.emplace_back(value);
  return *this;
}

Script&& Script::argument(std::string_view value) && { return std::move(argument(value)); }

Script& Script::input(std::string bytes) & {
  input_ = std::move(bytes);
  return *this;
}

Script&& Script::input(std::string bytes) && { return std::move(input(std::move(bytes))); }

}  // namespace tidelock
