# Writes OUTPUT, a header that holds the text of INPUT as a constant. Shell becomes a ShellText, everything else a
# string view.
file(READ ${INPUT} text)
cmake_path(RELATIVE_PATH INPUT BASE_DIRECTORY ${SOURCE} OUTPUT_VARIABLE relative)
string(REGEX REPLACE "^(engine|providers)/" "" name ${relative})
string(REGEX REPLACE "[^A-Za-z0-9]" "_" name ${name})
if(INPUT MATCHES "\\.sh$")
  set(include "engine/model/script.hpp")
  set(type "ShellText")
  # What tools read in the first lines of a file is of no use to the host.
  string(REGEX REPLACE "(^|\n)# shellcheck [^\n]*" "" text "${text}")
else()
  set(include "<string_view>")
  set(type "std::string_view")
endif()
if(include MATCHES "^<")
  set(include "#include ${include}")
else()
  set(include "#include \"${include}\"")
endif()
file(WRITE ${OUTPUT}.new "// Made from ${relative}; change that file instead.
#pragma once
${include}

namespace tidelock::embedded {
inline constexpr ${type} ${name}{R\"~embedded~(${text})~embedded~\"};
}  // namespace tidelock::embedded
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
