#include "engine/report/impact_text.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/plan/impact.hpp"

namespace tidelock {
namespace {

using Kind = Disturbance::Kind;
using HostsByName = std::map<std::string, std::vector<std::string>>;

constexpr std::size_t enough_names = 3;

std::string limited(std::vector<std::string> names) {
  const auto more = names.size() > enough_names + 1 ? names.size() - enough_names : 0;
  if (more > 0) names.resize(enough_names);
  return join(names, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

/// "service nginx"; processes and jobs are called what they are.
std::string full_name(const Disturbance& disturbance) {
  const auto name = printable(disturbance.name);
  return disturbance.kind == Kind::service ? "service " + name : name;
}

void add_once(std::vector<std::string>& hosts, const std::string& host) {
  if (!holds(hosts, host)) hosts.push_back(host);
}

/// "backend restarted on controller, nginx reloaded on node[001-002]"
std::string services_text(const Impact& impact) {
  HostsByName hosts;
  for (const auto& [change, disturbance] : impact.items)
    if (disturbance->kind == Kind::service)
      add_once(hosts[fmt::format("{} {}", printable(disturbance->name), disturbance->effect)], change->host);
  std::vector<std::string> texts;
  for (auto& [text, names] : hosts) texts.push_back(fmt::format("{} on {}", text, fold_hosts(names)));
  return limited(std::move(texts));
}

/// "3 on viz-node001"
std::string count_text(const Impact& impact, Kind kind) {
  std::set<std::pair<std::string, std::string>> touched;
  std::vector<std::string> hosts;
  for (const auto& [change, disturbance] : impact.items) {
    if (disturbance->kind != kind) continue;
    touched.emplace(change->host, disturbance->name);
    add_once(hosts, change->host);
  }
  return touched.empty() ? "" : fmt::format("{} on {}", touched.size(), fold_hosts(hosts));
}

std::string sending_text(const Impact& impact) {
  constexpr std::uint64_t worth_a_word = 1'000'000;
  if (impact.bytes_to_send < worth_a_word) return {};
  auto text = human_bytes(impact.bytes_to_send);
  if (impact.transfer_seconds)
    text += fmt::format(", about {} by what earlier transfers took", human_seconds(*impact.transfer_seconds));
  return text;
}

std::string irreversible_text(const Impact& impact) {
  std::vector<std::string> names;
  for (const auto* change : impact.irreversible)
    add_once(names, fmt::format("{} {}", change->declaration->kind, shown(change->declaration->name)));
  return limited(std::move(names));
}

}  // namespace

std::vector<std::string> disturbance_lines(std::span<const Change* const> changes) {
  std::vector<std::pair<Kind, std::string>> effects;
  std::map<std::pair<Kind, std::string>, std::vector<std::string>> names;
  for (const auto* change : changes)
    for (const auto& disturbance : change->disturbs) {
      const std::pair effect{disturbance.kind, disturbance.effect};
      if (!names.contains(effect)) effects.push_back(effect);
      const bool says_where =
          changes.size() > 1 && (disturbance.kind == Kind::process || disturbance.kind == Kind::job);
      const auto name = full_name(disturbance);
      add_once(names[effect], says_where ? fmt::format("{} on {}", name, change->host) : name);
    }
  std::vector<std::string> lines;
  for (const auto& effect : effects) {
    const auto text = limited(names[effect]);
    lines.push_back(text.empty() ? effect.second : fmt::format("{}: {}", text, effect.second));
  }
  return lines;
}

std::string impact_text(const Plan& plan, const Style& style) {
  const auto impact = impact_of(plan);
  const std::vector<std::pair<std::string_view, std::string>> rows{
      {"services", services_text(impact)},
      {"processes", count_text(impact, Kind::process)},
      {"jobs", count_text(impact, Kind::job)},
      {"to send", sending_text(impact)},
      {"no way back", irreversible_text(impact)}};
  std::string out;
  for (const auto& [label, text] : rows)
    if (!text.empty()) out += fmt::format("  {:<12} {}\n", label, text);
  return out.empty() ? out : style.bold("Impact") + '\n' + out;
}

}  // namespace tidelock
