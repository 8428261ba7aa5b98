#pragma once

#include <string>
#include <string_view>

#include "providers/nginx/configuration/text.hpp"

namespace tidelock::nginx {

/// The bytes with a line more, which includes `path` and stands before the byte at `anchor`: where a
/// directive or a closing brace is. `remark` becomes its comment. Taking it out again with `without_include`
/// gives the bytes as they were.
[[nodiscard]] std::string with_include(std::string_view bytes, std::size_t anchor, std::string_view path,
                                       std::string_view remark);

/// The bytes without that directive, an include line of ours or one that somebody wrote by hand: its whole
/// line, where nothing else stands there.
[[nodiscard]] std::string without_include(std::string_view bytes, Range directive);

/// The bytes without what `range` holds, and without the line that this leaves empty.
[[nodiscard]] std::string without(std::string_view bytes, Range range);

/// The blanks before the first other character of the line on which `place` is.
[[nodiscard]] std::string_view indentation(std::string_view bytes, std::size_t place);

}  // namespace tidelock::nginx
