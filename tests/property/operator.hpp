#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/apply/cluster_lock.hpp"
#include "engine/command/carrier.hpp"
#include "engine/command/command.hpp"
#include "engine/command/console.hpp"
#include "tests/property/sandbox.hpp"

namespace tidelock::property {

/// Runs the verbs on sandboxes, wired as the command line wires them, over one lock of the cluster.
class Operator {
 public:
  Operator(std::filesystem::path manifest, const Sandboxes& hosts, const Cancellation& cancel);
  ~Operator();
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  struct Applied {
    Plan plan;
    Exit exit = Exit::done;
    bool failed = false;
  };

  /// What `plan` sees; takes no lock.
  [[nodiscard]] std::optional<Plan> plan();
  /// Calls `locked` before it looks at anything, and `planned` before it writes anything.
  [[nodiscard]] std::optional<Applied> apply(const std::function<void()>& locked,
                                             const std::function<void()>& planned);
  [[nodiscard]] std::optional<Exit> roll_back();

 private:
  [[nodiscard]] std::unique_ptr<Workspace> load(std::string verb);
  [[nodiscard]] bool lock(const Workspace& workspace);

  Options options_;
  Wiring wiring_;
  Console console_;
  SandboxTransport transport_;
  std::unique_ptr<ClusterLock> lock_;
};

}  // namespace tidelock::property
