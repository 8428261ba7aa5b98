#include "engine/apply/schedule.hpp"

#include <algorithm>
#include <map>

#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// Indices of a host's writing changes, by the provider that carries them out.
std::map<const Provider*, std::vector<std::size_t>> writes_of(const Plan& plan, const Registry& registry,
                                                              const std::string& host) {
  std::map<const Provider*, std::vector<std::size_t>> writes;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const auto& change = plan.changes[i];
    if (change.host == host && change.writes())
      writes[registry.of_kind(change.declaration->kind)].push_back(i);
  }
  return writes;
}

}  // namespace

Schedule::Schedule(const Plan& plan, const Registry& registry, const std::vector<std::string>& hosts,
                   const std::vector<StepContext>& contexts)
    : of_host_(hosts.size()) {
  for (std::size_t i = 0; i < hosts.size(); ++i) add_host(plan, registry, i, hosts[i], contexts[i]);
  link(plan);
  states_.resize(steps_.size(), StepState::waiting);
}

void Schedule::add_host(const Plan& plan, const Registry& registry, std::size_t host, const std::string& name,
                        const StepContext& context) {
  auto writes = writes_of(plan, registry, name);
  for (const auto& provider : registry.all()) {
    const auto& indices = writes[provider.get()];
    std::vector<const Change*> changes;
    for (const auto index : indices) changes.push_back(&plan.changes[index]);
    if (changes.empty()) continue;
    for (auto& step : provider->steps(changes, context)) {
      PlannedStep planned{.host = host, .changes = {}, .needs = {}, .step = std::move(step)};
      for (const auto served : planned.step.serves) planned.changes.push_back(indices.at(served));
      of_host_[host].push_back(steps_.size());
      steps_.push_back(std::move(planned));
    }
  }
}

/// What a step's changes come after comes before it. A rehearsal waits for nothing on other hosts: it comes
/// before that.
void Schedule::link_needs(const Plan& plan, const std::map<std::size_t, std::vector<std::size_t>>& serving,
                          std::size_t index) {
  auto& step = steps_[index];
  for (const auto change : step.changes)
    for (const auto needed : plan.changes[change].after) {
      const auto steps = serving.find(needed);
      if (steps == serving.end() || holds(step.changes, needed)) continue;
      if (step.step.rehearses && steps_[steps->second.back()].host != step.host)
        steps_[steps->second.front()].needs.push_back(index);
      else
        step.needs.push_back(steps->second.back());
    }
}

void Schedule::link(const Plan& plan) {
  std::map<std::size_t, std::vector<std::size_t>> serving;  // steps of each change, in order
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    for (const auto change : steps_[i].changes) {
      auto& earlier = serving[change];
      if (!earlier.empty()) steps_[i].needs.push_back(earlier.back());
      earlier.push_back(i);
    }
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) link_needs(plan, serving, i);
}

std::vector<std::size_t> Schedule::ready(std::size_t host) const {
  std::vector<std::size_t> batch;
  const auto settled = [&](std::size_t needed) {
    return states_[needed] == StepState::done || (holds(batch, needed) && !steps_[needed].is_upload());
  };
  for (const auto index : of_host_[host]) {
    const auto& step = steps_[index];
    if (states_[index] != StepState::waiting || !std::ranges::all_of(step.needs, settled)) continue;
    if (!batch.empty() && step.is_upload()) continue;
    batch.push_back(index);
    if (step.is_upload()) break;
  }
  return batch;
}

bool Schedule::finished(std::size_t host) const {
  return std::ranges::none_of(of_host_[host], [&](std::size_t index) {
    return states_[index] == StepState::waiting || states_[index] == StepState::running;
  });
}

void Schedule::skip_rest(std::size_t host) {
  for (const auto index : of_host_[host])
    if (states_[index] == StepState::waiting) states_[index] = StepState::skipped;
}

void Schedule::skip_doomed() {
  const auto failed = [&](std::size_t needed) {
    return states_[needed] == StepState::failed || states_[needed] == StepState::skipped;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (states_[i] != StepState::waiting || std::ranges::none_of(steps_[i].needs, failed)) continue;
      states_[i] = StepState::skipped;
      changed = true;
    }
  }
}

}  // namespace tidelock
