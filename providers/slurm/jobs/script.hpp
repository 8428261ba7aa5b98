#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.hpp"
#include "providers/slurm/jobs/body.hpp"
#include "providers/slurm/jobs/placeholder.hpp"

namespace tidelock::slurm {

/// An option on an #SBATCH line.
struct JobOption {
  std::string name;   ///< in full and without dashes, whatever way it was written: "cpus-per-task" for -c
  std::string value;  ///< as sbatch gets it: without quotes, with placeholders
  Location at;        ///< of the option
};

/// A batch script as sbatch (Slurm 22.05 and later) reads it, and what its body uses.
struct JobScript {
  std::shared_ptr<const SourceFile> file;
  /// In their order; of several with one name the last one counts. Options that nothing here knows are left
  /// out.
  std::vector<JobOption> options;
  /// False when something else may decide what is asked for, and the options say nothing for sure: a
  /// heterogeneous job, options for PBS or LSF beside, a placeholder in the place of an option.
  bool options_count = true;
  std::vector<Placeholder> placeholders;  ///< of the whole file, each where it stands first
  /// Empty for a script that is not for sh, bash, dash, ksh or zsh, and for one of more than 4 MiB.
  BodyUses uses;
  /// What sbatch refuses or passes over in silence, whatever the cluster: no shebang, DOS line ends, a quote
  /// without its end, a word that is no option, an option without its value, options behind the first
  /// command.
  Diagnostics problems;

  /// The one that counts.
  [[nodiscard]] const JobOption* option(std::string_view name) const;
};

/// Any bytes give a script: what is odd is left out, or among `problems`. Rules are those of sbatch(1), and
/// of its source where that says less: #SBATCH at the very beginning of a line, before the first line that is
/// no comment; an unquoted # ends a line; all lines make one command line for getopt_long. Environment
/// (SBATCH_*) and command line of who submits go before what a script says; nothing is known of them here.
[[nodiscard]] JobScript read_job_script(std::shared_ptr<const SourceFile> file);

}  // namespace tidelock::slurm
