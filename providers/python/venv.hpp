#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/declaration.hpp"

namespace tidelock::python {

/// What an environment is made from, on this machine.
struct Venv final : Payload {
  std::string requirements;  ///< the text
  std::string index_url;     ///< empty: what pip is configured to ask
  std::filesystem::path wheels;
  std::string wheels_sha256;  ///< empty: no wheels are brought
  std::uint64_t wheels_size = 0;
  std::vector<std::string> left_out;  ///< what else is in the folder of wheels
};

[[nodiscard]] inline const Venv* venv_of(const Declaration& declaration) {
  return dynamic_cast<const Venv*>(declaration.payload.get());
}

/// What the state of an environment has to be.
inline constexpr std::string_view ready = "ready";

}  // namespace tidelock::python
