#pragma once

#include <string>

#include "engine/base/diagnostic.hpp"
#include "engine/base/result.hpp"
#include "engine/report/style.hpp"

namespace tidelock {

/// All diagnostics as compilers show them: place, summary, detail, the line with a caret, notes; then how
/// many there are.
[[nodiscard]] std::string diagnostics_text(const Diagnostics& diagnostics, const Style& style);

/// "error: summary", then detail and advice, indented.
[[nodiscard]] std::string error_text(const Error& error, const Style& style);

}  // namespace tidelock
