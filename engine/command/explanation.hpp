#pragma once

#include <nlohmann/json.hpp>

#include "engine/command/workspace.hpp"
#include "engine/report/style.hpp"

namespace tidelock {

/// Everything known about one resource of a host: who asked for it, what it hangs together with, how it is,
/// and the chain of why something is to be done about it.
class Explanation {
 public:
  /// `declaration` is one of the host's blueprint, or an orphan of `seen`, which is an observation of the
  /// host.
  Explanation(const Workspace& workspace, const GraphHost& host, DeclarationPtr declaration,
              std::vector<HostObservation>& observations);

  [[nodiscard]] std::string text(const Style& style) const;
  [[nodiscard]] nlohmann::json json() const;
  /// Everything of the host could be looked at.
  [[nodiscard]] bool checked() const;

 private:
  /// One link of the chain: a change that comes first, or is in the way.
  struct Link {
    std::size_t depth = 0;
    const Change* change = nullptr;
    bool is_input = false;
  };

  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::string declared() const;
  [[nodiscard]] std::string asked_by() const;
  [[nodiscard]] std::vector<const Declaration*> needed() const;
  [[nodiscard]] std::vector<const Declaration*> dependents() const;
  [[nodiscard]] std::string written_on() const;
  [[nodiscard]] std::string last_applied() const;
  [[nodiscard]] std::vector<std::string> now(const Style& style) const;
  [[nodiscard]] std::string difference(const std::string& name) const;
  [[nodiscard]] std::vector<Link> chain() const;
  [[nodiscard]] bool counts(const Change& upper, const Change& lower) const;

  const Workspace& workspace_;
  const GraphHost& host_;
  DeclarationPtr declaration_;
  const HostObservation& seen_;
  Plan plan_;
  const Change* change_ = nullptr;  ///< null where the host could not be looked at
};

}  // namespace tidelock
