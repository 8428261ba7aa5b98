#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/cancel.hpp"
#include "engine/base/secret.hpp"
#include "engine/command/options.hpp"
#include "engine/model/provider.hpp"
#include "engine/plan/plan.hpp"
#include "engine/probe/session.hpp"

namespace tidelock {

/// What main brings together and the engine cannot know: the families, the transport, git.
struct Wiring {
  std::string version;
  std::function<Registry(bool rehash)> registry;
  std::function<std::unique_ptr<Transport>(const Connection&)> transport;
  /// Fills in the commit that a manifest lies in; does nothing outside of git.
  std::function<void(PlanSource&)> commit;
  const Cancellation& cancel;
};

/// Runs the verb that the options name.
[[nodiscard]] Exit run_command(const Options& options, const Wiring& wiring);

/// Asks for a line on the terminal without showing it; none where there is no terminal.
[[nodiscard]] std::optional<Secret> ask_secret(std::string_view prompt);

}  // namespace tidelock
