#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// A job that is not over.
struct Job {
  std::string id;
  bool running = false;  ///< otherwise pending
  std::string user;
  std::string account;
  std::string qos;
  std::string partition;
  std::string nodes;  ///< a host list; empty while it is pending
};

/// "job 17 (running, alice)".
[[nodiscard]] std::string job_in_words(const Job& job);

/// A partition or node as `scontrol -o` shows it: words by key, keys as Slurm spells them. What a value holds
/// behind a blank is lost.
using Words = std::map<std::string, std::string, std::less<>>;

/// What slurmctld says of itself.
class ControllerBook {
 public:
  /// `records` are those of slurm_controller; `jobs` those of slurm_jobs, where they were asked for.
  ControllerBook(std::span<const std::string> records, std::span<const std::string> jobs);

  /// Whether slurmctld answered.
  [[nodiscard]] bool answers() const { return answers_; }
  /// A value of `scontrol show config`; empty where it is missing or "(null)".
  [[nodiscard]] std::string_view setting(std::string_view key) const;
  [[nodiscard]] const std::vector<Words>& partitions() const { return partitions_; }
  [[nodiscard]] const std::vector<Words>& nodes() const { return nodes_; }
  /// Nodes that Slurm does not count on, and why.
  [[nodiscard]] std::map<std::string, std::string> away() const;
  /// None where nobody asked, or slurmctld did not answer.
  [[nodiscard]] const std::optional<std::vector<Job>>& jobs() const { return jobs_; }
  /// Why there are no jobs to see.
  [[nodiscard]] const std::string& jobs_fault() const { return jobs_fault_; }

 private:
  void read(std::span<const std::string> records);
  void read_jobs(std::span<const std::string> records);

  bool answers_ = false;
  std::map<std::string, std::string, std::less<>> settings_;
  std::vector<Words> partitions_;
  std::vector<Words> nodes_;
  std::optional<std::vector<Job>> jobs_;
  std::string jobs_fault_;
};

/// The value of a key; empty where it is missing or "(null)".
[[nodiscard]] std::string_view word_of(const Words& words, std::string_view key);

void ask_controller(Probe& probe);
void ask_jobs(Probe& probe);

}  // namespace tidelock::slurm
