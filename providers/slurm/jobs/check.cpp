#include "providers/slurm/jobs/check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "providers/slurm/jobs/case.hpp"

namespace tidelock::slurm {
namespace {

void check_parameters(JobCase& job) {
  std::vector<std::string> names;
  for (const auto& placeholder : job.job->script.placeholders) names.push_back(placeholder.name);
  for (const auto& parameter : job.job->parameters) {
    if (holds(names, parameter.name)) continue;
    job.problems.warning(
        parameter.at.known() ? parameter.at : job.script_at(), "Parameter has no placeholder",
        with_suggestion(parameter.name, fmt::format("is no placeholder of {}", shown(job.job->name)), names,
                        "it has"));
  }
}

/// The line of the manifest goes with every problem in the template.
void add_to(Diagnostics& all, const JobCase& job) {
  auto problems = job.job->script.problems;
  problems.append(job.problems);
  for (auto problem : problems.list()) {
    const auto& declared = job.job->declared_at;
    const Note declared_note{declared, "the template is declared here"};
    if (declared.known() && problem.at.file != declared.file) problem.notes.push_back(declared_note);
    all.add(std::move(problem));
  }
}

}  // namespace

Diagnostics check_jobs(std::span<const JobTemplate> templates, const ClusterFacts& facts) {
  std::vector<JobCase> jobs;
  for (const auto& one : templates) jobs.push_back(case_of(one, facts));
  for (auto& job : jobs) {
    check_access(job);
    check_resources(job);
    check_limits(job);
    check_images(job);
    check_parameters(job);
  }
  check_clashes(jobs);
  check_shared_limits(jobs);
  Diagnostics all;
  for (const auto& job : jobs) add_to(all, job);
  return all;
}

}  // namespace tidelock::slurm
