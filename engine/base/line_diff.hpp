#pragma once

#include <string>
#include <string_view>

namespace tidelock {

/// The lines that differ, as `diff -u` shows them: hunks with three lines of context, without file names.
/// Empty for equal texts. Very different long texts are not compared line by line: they give one hunk that
/// replaces everything.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace tidelock
