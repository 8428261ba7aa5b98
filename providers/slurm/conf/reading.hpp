#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/slurm/answers.hpp"
#include "providers/slurm/conf/kinds.hpp"
#include "providers/slurm/controller_book.hpp"

namespace tidelock::slurm {

/// What a host's answers say of Slurm's configuration.
class ConfReader {
 public:
  ConfReader(std::span<const Subject> subjects, const Answers& answers, const ControllerBook& controller,
             const ProbeOptions& options);

  [[nodiscard]] Finding finding(const Subject& subject) const;
  /// Whether jobs have a say: something that they may use leaves or changes.
  [[nodiscard]] bool needs_jobs() const;
  [[nodiscard]] std::vector<std::string> remarks() const;
  [[nodiscard]] std::vector<Extra> extras() const;

 private:
  void read_texts(std::span<const std::string> records);
  void read_text(const std::string& path, std::string_view state, const std::string& text);
  void read_digests(std::span<const std::string> records);
  void read_jobs();
  [[nodiscard]] Finding files_finding(const Subject& subject) const;
  [[nodiscard]] std::optional<Attributes> seen(const Declaration& declaration) const;
  [[nodiscard]] bool differs(const Subject& subject) const;
  [[nodiscard]] bool feels_jobs(const Subject& subject) const;
  [[nodiscard]] std::vector<const Job*> jobs_of(const Declaration& declaration, bool running_only) const;
  [[nodiscard]] std::optional<Obstacle> held(const Subject& subject) const;
  [[nodiscard]] bool declares(std::string_view kind, const std::string& name) const;

  std::span<const Subject> subjects_;
  const ControllerBook& controller_;
  const ProbeOptions& options_;
  std::string fault_;  ///< why the configuration cannot be read
  std::string fingerprint_;
  bool owed_ = false;
  std::shared_ptr<ConfSeen> conf_;  ///< null where it was not asked for
  bool folder_ = false;             ///< there is an /etc/slurm
  bool folder_known_ = false;
  std::map<std::string, std::string> digests_;  ///< by path
  std::set<std::pair<std::string_view, std::string_view>> declared_;
  std::map<std::string, std::vector<const Job*>, std::less<>> of_partition_, of_node_;
  std::vector<const Job*> anywhere_;  ///< whose nodes cannot be told
};

/// Asks about the configuration, as far as these subjects need it.
void ask_conf(Probe& probe, std::span<const Subject> subjects);

}  // namespace tidelock::slurm
