#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidelock::slurm {

enum class Takes : std::uint8_t {
  nothing,
  value,
  maybe,  ///< a value only where it is attached: --exclusive=user, -k1
};

/// An option of sbatch. Plugins of a site may add more.
struct SbatchOption {
  std::string_view name;  ///< without dashes
  char letter = '\0';     ///< or NUL
  Takes takes = Takes::value;
};

/// Of all options that sbatch has in Slurm 22.05 to 24.11, the one with this letter; or none.
[[nodiscard]] const SbatchOption* sbatch_option(char letter);

/// The one with this name or, as getopt_long(3) has it, the only one that begins so. None also for a
/// beginning that several have.
[[nodiscard]] const SbatchOption* sbatch_option(std::string_view name);

[[nodiscard]] std::vector<std::string> sbatch_option_names();

}  // namespace tidelock::slurm
