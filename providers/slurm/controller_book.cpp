#include "providers/slurm/controller_book.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/controller.sh.hpp"
#include "providers/slurm/sacctmgr.sh.hpp"
#include "providers/slurm/said.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::string_view silent = "slurmctld does not answer";

/// "Not responding", of "Reason=Not responding [slurm@2026-11-21T10:00:00]".
std::string reason_in(std::string_view line) {
  const auto at = line.find(" Reason=");
  if (at == std::string_view::npos) return {};
  auto reason = line.substr(line.find('=', at) + 1);
  return std::string(trim(reason.substr(0, reason.find(" ["))));
}

Words words_in(std::string_view line) {
  Words words;
  if (auto reason = reason_in(line); !reason.empty()) words.emplace("Reason", std::move(reason));
  for (const auto part : split(line, ' ')) {
    const auto equals = part.find('=');
    if (equals != std::string_view::npos)
      words.try_emplace(std::string(part.substr(0, equals)), part.substr(equals + 1));
  }
  return words;
}

std::vector<Words> lines_in(std::string_view record) {
  std::vector<Words> lines;
  for (const auto line : said(record, "scontrol").lines) lines.push_back(words_in(line));
  return lines;
}

std::string_view unless_null(std::string_view value) {
  return value == "(null)" || value == "N/A" ? "" : value;
}

}  // namespace

ControllerBook::ControllerBook(std::span<const std::string> records, std::span<const std::string> jobs) {
  read(records);
  if (!jobs.empty())
    read_jobs(jobs);
  else if (!answers_)
    jobs_fault_ = silent;
}

void ControllerBook::read(std::span<const std::string> records) {
  constexpr std::size_t whole = 7;
  if (records.size() != whole) return;
  const auto config = said(records[2], "scontrol");
  answers_ = config.fault.empty();
  for (const auto line : config.lines) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    settings_.try_emplace(lower_case(trim(line.substr(0, equals))), trim(line.substr(equals + 1)));
  }
  partitions_ = lines_in(records[4]);
  nodes_ = lines_in(records[6]);
}

std::string_view ControllerBook::setting(std::string_view key) const {
  const auto found = settings_.find(lower_case(key));
  return found == settings_.end() ? std::string_view{} : unless_null(found->second);
}

std::map<std::string, std::string> ControllerBook::away() const {
  std::map<std::string, std::string> away;
  for (const auto& node : nodes_) {
    const auto state = word_of(node, "State");
    const bool out = state.contains("DOWN") || state.contains("DRAIN") || state.contains("POWERING");
    if (!out) continue;
    const auto reason = word_of(node, "Reason");
    away.emplace(word_of(node, "NodeName"),
                 fmt::format("Slurm holds it as {}{}", printable(state),
                             reason.empty() ? "" : fmt::format(" ({})", printable(reason))));
  }
  return away;
}

void ControllerBook::read_jobs(std::span<const std::string> records) {
  constexpr std::size_t columns = 7;
  if (records.size() != 2 || records[0] != "jobs") {
    jobs_fault_ = "the host's answer makes no sense";
    return;
  }
  const auto answer = said(records[1], "squeue");
  jobs_fault_ = answer.fault;
  if (!jobs_fault_.empty()) return;
  jobs_.emplace();
  for (const auto line : answer.lines) {
    const auto values = split(line, '|');
    if (values.size() != columns) continue;  // a warning, not a job
    jobs_->push_back({std::string(values[0]), values[1] != "PENDING", lower_case(values[2]),
                      lower_case(values[3]), lower_case(values[4]), std::string(values[5]),
                      std::string(values[6])});
  }
}

std::string job_in_words(const Job& job) {
  return fmt::format("job {} ({}, {})", printable(job.id), job.running ? "running" : "pending",
                     printable(job.user));
}

std::string_view word_of(const Words& words, std::string_view key) {
  const auto found = words.find(key);
  return found == words.end() ? std::string_view{} : unless_null(found->second);
}

void ask_controller(Probe& probe) {
  Script script(embedded::slurm_controller_sh, "slurm_controller");
  probe.scripts.push_back(std::move(script).with(embedded::slurm_sacctmgr_sh));
}

void ask_jobs(Probe& probe) {
  Script script(embedded::slurm_controller_sh, "slurm_jobs");
  probe.scripts.push_back(std::move(script).with(embedded::slurm_sacctmgr_sh));
}

}  // namespace tidelock::slurm
