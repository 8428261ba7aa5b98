#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/system/package_answers.hpp"

namespace tidelock::system {

/// Asks which packages are installed.
void ask_packages(Probe& probe, std::span<const Subject> subjects);

/// What the answers mean for packages. Where something is to change, apt is asked what it could install, and
/// then what it would do.
class PackageReader {
 public:
  PackageReader(std::span<const Subject> subjects, std::span<const ProbeOutput> answers)
      : subjects_(subjects), answers_(parse_package_answers(answers)), rounds_(answers.size()) {}

  [[nodiscard]] Finding finding(const Subject& subject) const;
  void add_question(Probe& probe) const;

 private:
  [[nodiscard]] const InstalledPackage* installed(const Subject& subject) const;
  [[nodiscard]] static bool is_settled(const Declaration& declaration, const InstalledPackage& package);
  [[nodiscard]] std::optional<Obstacle> leaving_obstacle(const Declaration& declaration,
                                                         const InstalledPackage& package) const;
  [[nodiscard]] std::optional<Obstacle> obstacle(const Declaration& declaration,
                                                 const InstalledPackage& package) const;
  [[nodiscard]] std::optional<Obstacle> not_to_be_had(const Declaration& declaration) const;
  [[nodiscard]] std::optional<Obstacle> refused_trial() const;
  [[nodiscard]] std::vector<const Subject*> to_install() const;
  [[nodiscard]] std::vector<std::string> leaving() const;
  [[nodiscard]] std::vector<Disturbance> brings(const Declaration& declaration) const;

  std::span<const Subject> subjects_;
  PackageAnswers answers_;
  std::size_t rounds_;
};

/// How the package is asked for: with its version where one is declared.
[[nodiscard]] std::string package_argument(const Declaration& declaration);

}  // namespace tidelock::system
