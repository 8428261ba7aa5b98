#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/system/service_answers.hpp"

namespace tidelock::system {

/// Asks what systemd knows, what our files hold, and who listens where a port is declared.
void ask_services(Probe& probe, std::span<const Subject> subjects);

/// What the answers mean for services.
class ServiceReader {
 public:
  ServiceReader(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                const ProbeOptions& options);

  [[nodiscard]] Finding finding(const Subject& subject) const;
  /// Who has a declared port, where the service itself does not run.
  void add_question(Probe& probe) const;

 private:
  [[nodiscard]] std::optional<std::string> unanswered(const Subject& subject) const;
  [[nodiscard]] Finding leaving(const Subject& subject) const;
  [[nodiscard]] Attributes attributes(const Declaration& declaration) const;
  [[nodiscard]] std::optional<Obstacle> obstacle(const Declaration& declaration,
                                                 const Attributes& living) const;
  [[nodiscard]] std::optional<Obstacle> file_obstacle(const Declaration& declaration) const;
  [[nodiscard]] std::optional<Obstacle> enabling_obstacle(const Declaration& declaration,
                                                          const Attributes& living) const;
  [[nodiscard]] std::optional<Obstacle> port_obstacle(const Declaration& declaration) const;
  [[nodiscard]] std::vector<Disturbance> disturbances(const Declaration& declaration,
                                                      const Attributes& living) const;
  [[nodiscard]] std::vector<BeforeImage> before_images(const Declaration& declaration) const;
  [[nodiscard]] std::string fingerprint(const Declaration& declaration) const;
  [[nodiscard]] std::vector<Holder> strangers(const Declaration& declaration) const;
  [[nodiscard]] std::vector<std::string> sockets(const Declaration& declaration) const;
  [[nodiscard]] const UnitState& unit(const Declaration& declaration) const;
  [[nodiscard]] const UnitFile* file(const Declaration& declaration) const;
  [[nodiscard]] bool runs(const Declaration& declaration) const;
  [[nodiscard]] bool is_there(const Declaration& declaration) const;

  std::span<const Subject> subjects_;
  const ProbeOptions& options_;
  ServiceAnswers answers_;
};

}  // namespace tidelock::system
