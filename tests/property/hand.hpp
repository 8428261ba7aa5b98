#pragma once

#include <filesystem>

#include "tests/property/scene.hpp"

namespace tidelock::property {

/// Does an edit below this root, to which links inside lead back. What cannot be done is left: somebody may
/// try to change what is not there.
void edit_by_hand(const std::filesystem::path& root, const Edit& edit);

}  // namespace tidelock::property
