#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidelock::slurm {

/// What a program of Slurm's said, and how it ended; the record that slurm_say makes.
struct Said {
  std::vector<std::string_view> lines;  ///< of the record; empty ones are left out
  std::string fault;                    ///< why it is of no use; empty if it ended well
};

[[nodiscard]] Said said(std::string_view record, std::string_view program);

}  // namespace tidelock::slurm
