#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/jobs/case.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::uint32_t vnc_base = 5900;
constexpr std::size_t most_hosts = 200;  // bytes of a folded list in a message

std::string folded(const std::vector<std::string>& names) {
  std::vector<std::string> safe;
  for (const auto& name : names) safe.push_back(printable(name));
  const auto text = fold_hosts(safe);
  return text.size() <= most_hosts ? text : count_of(names.size(), "node");
}

/// Paths that the script may mean. Of several alternatives none may hold a placeholder.
struct Wanted {
  std::vector<std::string> any_of;
  std::string with;
};

std::vector<Wanted> wanted_by(const JobCase& job, const ImageUse& image) {
  const bool open =
      std::ranges::any_of(image.any_of, [](const std::string& path) { return path.contains("{{"); });
  if (!open) return {{image.any_of, {}}};
  std::vector<Wanted> wanted;
  if (image.any_of.size() == 1)
    for (auto& filled : fill(image.any_of.front(), job.job->parameters))
      wanted.push_back({{std::move(filled.text)}, std::move(filled.with)});
  return wanted;
}

bool is_untold(const ClusterImages& images, const std::string& path) {
  return std::ranges::any_of(images.untold, [&](const std::string& folder) {
    return path.starts_with(folder) && (folder.ends_with('/') || path.substr(folder.size()).starts_with('/'));
  });
}

/// The nodes on which none of these images is. None where it may be on nodes that are not known.
std::vector<std::string> nodes_without(const JobCase& job, const std::vector<std::string>& paths) {
  const auto& images = *job.facts->images;
  if (std::ranges::any_of(paths, [&](const std::string& path) { return is_untold(images, path); })) return {};
  std::vector<std::string> without;
  const auto nodes = possible_nodes(job);
  for (const auto& name : nodes) {
    const auto on = images.on.find(name);
    if (on == images.on.end()) continue;
    if (std::ranges::none_of(paths, [&](const std::string& path) { return on->second.contains(path); }))
      without.push_back(name);
  }
  if (job.request->chooses_nodes && without.size() < nodes.size())
    return {};  // it may run where the image is
  return without;
}

std::string suggestion(const JobCase& job, const std::string& path, const std::string& node) {
  constexpr std::size_t most_compared = 1000;
  constexpr std::size_t longest = 500;
  const auto& there = job.facts->images->on.at(node);
  if (path.size() > longest || there.size() > most_compared) return {};
  const std::vector<std::string> candidates(there.begin(), there.end());
  const auto near = closest(path, candidates);
  return near ? fmt::format("; did you mean {}?", shown(*near)) : "";
}

void check_image(JobCase& job, const Wanted& wanted, const Location& at) {
  const auto without = nodes_without(job, wanted.any_of);
  if (without.empty()) return;
  std::vector<std::string> paths;
  for (const auto& path : wanted.any_of) paths.push_back(shown(path));
  const auto with = wanted.with.empty() ? "" : fmt::format(" ({})", wanted.with);
  job.error(
      at, "Image is not on every node of the partition",
      fmt::format(
          "{}{} {} put on {}, where {} may run this job (Apptainer image not found); declare the image for "
          "these nodes, or name one that is there{}",
          join(paths, " or "), with, paths.size() == 1 ? "is not" : "are not", folded(without), job.where(),
          suggestion(job, wanted.any_of.front(), without.front())));
}

/// What a template fixes, with the words for it.
struct Claim {
  Location at;
  std::string what;
};

/// A display stands for its VNC port as well.
std::map<std::uint32_t, Claim> displays_of(const JobScript& script) {
  std::map<std::uint32_t, Claim> claims;
  for (const auto& display : script.uses.displays)
    claims.emplace(display.number,
                   Claim{display.at, display.vnc ? fmt::format("display :{}, and with it port {},",
                                                               display.number, vnc_base + display.number)
                                                 : fmt::format("display :{}", display.number)});
  return claims;
}

std::map<std::uint32_t, Claim> ports_of(const JobScript& script) {
  std::map<std::uint32_t, Claim> claims;
  for (const auto& port : script.uses.ports)
    claims.emplace(port.port, Claim{port.at, fmt::format("port {}", port.port)});
  for (const auto& display : script.uses.displays)
    if (display.vnc)
      claims.emplace(
          vnc_base + display.number,
          Claim{display.at, fmt::format("port {} (display :{})", vnc_base + display.number, display.number)});
  return claims;
}

/// Whether jobs of both may be on a node at once: devices are never shared.
bool fit_together(const JobCase& a, const JobCase& b, const ClusterNode& node) {
  if (!node.gres) return true;
  std::map<std::string, std::uint64_t> counts;
  for (const auto* job : {&a, &b}) {
    for (const auto* field : {&job->request->gres, &job->request->gpus_per_node})
      for (const auto& gres : field->value_or({}))
        counts[gres.name] += std::min(gres.count, unlimited / 1000);
    if (!job->request->gpus.value_or({}).empty()) ++counts["gpu"];
  }
  return std::ranges::all_of(counts, [&](const auto& entry) {
    return entry.second <= devices_of(*node.gres, {entry.first, {}, 1});
  });
}

bool is_settled(const JobCase& job) {
  return job.request && job.node_names && !job.request->alone && !job.request->chooses_nodes;
}

/// Nodes on which jobs of both templates may be at once.
std::vector<std::string> shared_nodes(const JobCase& a, const JobCase& b) {
  if (!is_settled(a) || !is_settled(b)) return {};
  const auto of_a = possible_nodes(a);
  const std::set<std::string> known(of_a.begin(), of_a.end());
  std::set<std::string_view> crowded;
  for (const auto* node : b.nodes.value_or(std::vector<const ClusterNode*>{}))
    if (!fit_together(a, b, *node)) crowded.insert(node->name);
  std::vector<std::string> shared;
  for (const auto& name : possible_nodes(b))
    if (known.contains(name) && !crowded.contains(name)) shared.push_back(name);
  return shared;
}

void clash(JobCase& job, const JobCase& other, const Claim& claim, const Claim& first, std::string_view kind,
           const std::vector<std::string>& nodes) {
  job.error(
      claim.at, fmt::format("Two job templates fix the same {}", kind),
      fmt::format(
          "{} is fixed here and in {}: two such jobs on one of {} disturb each other; let the portal choose "
          "it for each session",
          claim.what, shown(other.job->name), folded(nodes)),
      {{first.at, "the other one is here"}});
}

/// What of this job an earlier one claims too. A display that both fix is not told again by its port.
void check_pair(JobCase& job, const JobCase& other, std::set<std::string>& told) {
  const auto nodes = shared_nodes(other, job);
  if (nodes.empty()) return;
  const auto displays = displays_of(other.job->script);
  for (const auto& [number, claim] : displays_of(job.job->script)) {
    const auto first = displays.find(number);
    if (first == displays.end() || !told.insert(fmt::format(":{}", number)).second) continue;
    told.insert(fmt::format("{}", vnc_base + number));
    clash(job, other, claim, first->second, "display", nodes);
  }
  const auto ports = ports_of(other.job->script);
  for (const auto& [number, claim] : ports_of(job.job->script))
    if (const auto first = ports.find(number);
        first != ports.end() && told.insert(fmt::format("{}", number)).second)
      clash(job, other, claim, first->second, "port", nodes);
}

}  // namespace

void check_images(JobCase& job) {
  if (!job.request || !job.node_names || !job.facts->images) return;
  for (const auto& image : job.job->script.uses.images)
    for (const auto& wanted : wanted_by(job, image)) check_image(job, wanted, image.at);
}

void check_clashes(std::span<JobCase> jobs) {
  for (std::size_t i = 1; i < jobs.size(); ++i) {
    const auto& uses = jobs[i].job->script.uses;
    if (uses.displays.empty() && uses.ports.empty()) continue;
    std::set<std::string> told;
    for (std::size_t j = 0; j < i; ++j) check_pair(jobs[i], jobs[j], told);
  }
}

}  // namespace tidelock::slurm
