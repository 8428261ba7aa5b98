#pragma once

#include "engine/command/command.hpp"
#include "engine/command/console.hpp"

namespace tidelock {

// One function a verb. Each says everything there is to say and gives the status to leave with.

[[nodiscard]] Exit run_validate(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_plan(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_apply(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_show(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_graph(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_explain(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_observe(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_rollback(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_history(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_forget(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_unlock(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_init(const Options& options, const Wiring& wiring, const Console& console);
[[nodiscard]] Exit run_version(const Options& options, const Wiring& wiring, const Console& console);

}  // namespace tidelock
