#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "providers/slurm/jobs/body.hpp"
#include "providers/slurm/jobs/shell_words.hpp"

namespace tidelock::slurm {

// The patterns by which a command of a job script is known to take a display or a port; job_body.hpp lists
// them. Places are offsets into the script.

/// "vncserver" for /opt/TurboVNC/bin/vncserver.
[[nodiscard]] std::string_view program_name(std::string_view word);

/// 1 for ":1" and ":1.0".
[[nodiscard]] std::optional<std::uint32_t> display_in(std::string_view word);
/// 6080 for "6080".
[[nodiscard]] std::optional<std::uint32_t> port_in(std::string_view word);

/// VNC_PORT, MY_WS_PORT, …: the port of a session, and not that of a service it talks to.
[[nodiscard]] bool is_port_variable(std::string_view name);

[[nodiscard]] std::vector<std::pair<std::size_t, DisplayUse>> displays_of(std::span<const ShellWord> words);
[[nodiscard]] std::vector<std::pair<std::size_t, std::uint32_t>> ports_of(std::span<const ShellWord> words);

}  // namespace tidelock::slurm
