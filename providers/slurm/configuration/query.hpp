#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

/// A value that counts, and how it comes about.
struct Effective {
  /// Nothing: no line of this text gives one.
  std::optional<std::string> value;
  /// The statement that has it, as an index into `statements()`.
  std::optional<std::size_t> from;
  /// False where an Include line stands between that statement (or the beginning) and the place where the
  /// value is used: the file it names may set another one. What a file that includes this one says before is
  /// not known either.
  bool certain = true;

  bool operator==(const Effective&) const = default;
};

/// The indexes of all statements of a sort, in order. Records named DEFAULT are among them.
[[nodiscard]] std::vector<std::size_t> statements_of(const ConfigurationText& configuration, Sort sort);

/// Statements that set a global parameter, in order.
[[nodiscard]] std::vector<std::size_t> parameters(const ConfigurationText& configuration,
                                                  std::string_view key);

/// Whether Slurm puts all lines with this key together, instead of taking the last one: SlurmctldHost; and
/// Prolog, Epilog, PrologSlurmctld and EpilogSlurmctld, of which versions before 24.05 take the last one
/// only.
[[nodiscard]] bool is_list_parameter(std::string_view key);

/// A global parameter; the last line that has it counts. Not for list parameters: use `parameters`.
[[nodiscard]] Effective parameter(const ConfigurationText& configuration, std::string_view key);

/// What a statement says itself for a key: the last pair that has it. Null when it says nothing.
[[nodiscard]] const Pair* find_pair(const Statement& statement, std::string_view key);

/// The first record of a sort whose first value is just this: a partition or node set by its name, in its
/// case. Nodes are in lists: see `node_lines`.
[[nodiscard]] std::optional<std::size_t> find_record(const ConfigurationText& configuration, Sort sort,
                                                     std::string_view name);

/// A record named DEFAULT, which says what later records of its sort say where they are silent.
[[nodiscard]] bool is_default(const Statement& statement);

/// Slurm never takes these over from a DEFAULT record, whatever the manual page says: in nodes NodeAddr,
/// NodeHostname and BcastAddr; in partitions DisableRootJobs, ExclusiveTopo, ExclusiveUser, PowerDownOnIdle,
/// SelectTypeParameters and SuspendTime.
[[nodiscard]] bool is_inherited(Sort sort, std::string_view key);

/// Values of records with what their DEFAULT records add. A later DEFAULT adds to earlier ones and replaces
/// them key by key (slurm.conf(5), NodeName). Only nodes and partitions have them.
///
/// Keys that mean the same are different keys here: Feature and Features, CPUs and Procs, OverSubscribe and
/// Shared, Priority and PriorityTier.
class Defaults {
 public:
  explicit Defaults(const ConfigurationText& configuration);

  /// Of the configuration given above, or an equal one. Logarithmic in the number of statements.
  [[nodiscard]] Effective value(const ConfigurationText& configuration, std::size_t statement,
                                std::string_view key) const;
  /// The same as if the statement itself said nothing.
  [[nodiscard]] Effective inherited(const ConfigurationText& configuration, std::size_t statement,
                                    std::string_view key) const;

 private:
  std::map<std::pair<Sort, std::string>, std::vector<std::size_t>>
      defaults_;  ///< by sort and key in lower case
  std::vector<std::size_t> includes_;
};

}  // namespace tidelock::slurm
