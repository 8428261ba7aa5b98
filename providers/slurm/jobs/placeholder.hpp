#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/source.hpp"

namespace tidelock::slurm {

/// {{NAME}} in a template: what a portal's backend puts a value for before it submits the job.
struct Placeholder {
  std::string name;
  Location at;
};

/// What the manifest says of the values of a placeholder.
struct Parameter {
  std::string name;
  std::vector<std::string> values;  ///< each a value as it will be put in, or a range of whole numbers: 1-8
  Location at;                      ///< in the manifest; may be unknown
};

/// The length of the placeholder that a text begins with; 0 where there is none. Blanks inside of the braces
/// do not count: {{ NAME }}.
[[nodiscard]] std::size_t placeholder_length(std::string_view text);

/// The names of the placeholders in a text, in their order.
[[nodiscard]] std::vector<std::string> placeholder_names(std::string_view text);

/// A text with values in the places of its placeholders.
struct Filled {
  std::string text;
  std::string with;  ///< "MEMORY_GB = 8"; empty where there was nothing to put in
  std::vector<const Parameter*> used;
};

/// All that a text may become. Of a range only both ends are taken: whatever is asked of the values in
/// between lies between what is asked of the ends. Empty where the values of a placeholder are not known, or
/// where there are more than a thousand possibilities or the text is longer than 4 KiB.
[[nodiscard]] std::vector<Filled> fill(std::string_view text, std::span<const Parameter> parameters);

}  // namespace tidelock::slurm
