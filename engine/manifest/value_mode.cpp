#include <algorithm>

#include <fmt/format.h>

#include "engine/manifest/problems.hpp"
#include "engine/manifest/value_types.hpp"

namespace tidelock {
namespace {

std::expected<Value, std::string> parse_mode(const Spelling& spelling) {
  const auto text = spelling.text;
  const bool octal = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '7'; });
  if (!octal || text.size() < 3 || text.size() > 4)
    return std::unexpected(fmt::format(
        "{} is not 3 or 4 octal digits; write a mode as chmod takes it in digits, in quotes: \"0755\"",
        in_quotes(text)));
  if (!spelling.quoted)
    return std::unexpected(
        fmt::format("the mode has to be in quotes: write \"{0:0>4}\" (without them YAML takes {0} for "
                    "a number, and programs do not agree which)",
                    text));
  return fmt::format("{:0>4}", text);
}

}  // namespace

ValueType mode_type() {
  return {.name = "mode",
          .title = "Mode",
          .description =
              "Permissions in 3 or 4 octal digits, always in quotes: `\"0755\"`. Without quotes YAML makes a "
              "number of them, which is refused.",
          .parse = parse_mode,
          .show = text_of};
}

}  // namespace tidelock
