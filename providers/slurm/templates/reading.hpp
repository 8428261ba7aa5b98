#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/slurm/answers.hpp"
#include "providers/slurm/jobs/cluster_facts.hpp"
#include "providers/slurm/templates/template.hpp"

namespace tidelock::slurm {

/// Job templates as they lie on a host, and as they fit the cluster.
class TemplateReader {
 public:
  TemplateReader(std::span<const Subject> subjects, const Answers& answers, ClusterFacts facts,
                 const ProbeOptions& options);

  [[nodiscard]] Finding finding(const Subject& subject) const;
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }
  /// The texts of those that will change.
  void ask_texts(Probe& question, std::span<const Finding> findings) const;

 private:
  struct Seen {
    bool absent = false;
    std::string type, owner, group, mode, links, sha256;
  };

  void read(std::span<const std::string> records);
  void check(ClusterFacts facts);
  [[nodiscard]] Observation observe(const Declaration& declaration, const Seen& seen) const;
  void compare_texts(const Declaration& declaration, Finding& finding) const;

  std::span<const Subject> subjects_;
  const ProbeOptions& options_;
  std::map<std::string, Seen, std::less<>> seen_;
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, std::vector<std::string>, std::less<>> problems_;  ///< by template
  std::vector<std::string> remarks_;
};

void ask_templates(Probe& probe, std::span<const Subject> subjects);

}  // namespace tidelock::slurm
