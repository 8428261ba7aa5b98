#include "providers/nginx/stepping.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "providers/nginx/candidate.hpp"
#include "providers/nginx/names.hpp"
#include "providers/nginx/probe.sh.hpp"
#include "providers/nginx/proof.hpp"
#include "providers/nginx/steps.sh.hpp"

namespace tidelock::nginx {
namespace {

std::vector<const Change*> in_order(std::span<const Change* const> changes) {
  const auto rank = [](const Change* change) {
    if (change->action == Action::remove) return 0;
    if (change->declaration->kind == upstream_kind) return 1;
    return change->declaration->kind == server_kind ? 2 : 3;
  };
  std::vector<const Change*> sorted(changes.begin(), changes.end());
  std::ranges::stable_sort(sorted, {}, rank);
  return sorted;
}

/// Where the main file has complaints written, if it says so.
std::string error_log(const Tree& tree) {
  for (const auto& item : tree.items())
    if (item.name() == "error_log" && item.directive->argument(0).starts_with('/'))
      return std::string(item.directive->argument(0));
  return "/var/log/nginx/error.log";
}

Candidate candidate_of(const Site& site, const Tree& tree, std::span<const Change* const> changes) {
  Candidate candidate(site, tree);
  for (const auto* change : in_order(changes)) {
    const auto wish = wish_of(*change->declaration);
    if (change->action == Action::remove)
      candidate.remove(wish);
    else
      (void)candidate.put(wish);  // looking again afterwards tells what is missing
  }
  candidate.settle();
  return candidate;
}

struct Words {
  std::vector<std::string> words;
  std::size_t count = 0;
};

Words words_of(const std::vector<FileChange>& files, std::string& bytes) {
  Words words;
  for (const auto& file : files) {
    words.words.push_back(file.path);
    words.words.push_back(file.before ? sha256_hex(*file.before) : "none");
    words.words.push_back(file.after ? fmt::to_string(file.after->size()) : "-");
    bytes += file.after.value_or("");
    ++words.count;
  }
  return words;
}

Words words_of(const std::vector<Route>& routes) {
  Words words;
  for (const auto& route : routes) {
    words.words.push_back(route.url);
    words.words.push_back(route.address);
    ++words.count;
  }
  return words;
}

std::vector<std::string> checks_of(const NginxPlan& plan) {
  std::vector<std::string> words;
  for (const auto& check : plan.checks) {
    words.push_back(check.url);
    words.push_back(fmt::to_string(check.status));
    words.push_back(check.ca.empty() ? "-" : check.ca);
  }
  return words;
}

const NginxPlan& plan_for(std::span<const Change* const> changes) {
  static const NginxPlan none;
  for (const auto* change : changes)
    if (const auto* plan = plan_of(*change->declaration)) return *plan;
  return none;
}

std::shared_ptr<const Site> site_of(std::span<const Change* const> changes) {
  for (const auto* change : changes)
    if (auto site = std::dynamic_pointer_cast<const Site>(change->payload)) return site;
  return std::make_shared<Site>();
}

/// As /proc/net/tcp writes them.
std::string client_ports(const Tree& tree) {
  std::string ports;
  for (const auto port : ports_of(tree)) ports += fmt::format("{}{:04X}", ports.empty() ? "" : " ", port);
  return ports;
}

}  // namespace

std::vector<Step> steps_for(std::span<const Change* const> changes) {
  if (changes.empty()) return {};
  constexpr std::chrono::seconds limit{240};
  const auto site = site_of(changes);
  const Tree tree(site->files, main_file);
  const auto candidate = candidate_of(*site, tree, changes);
  const auto& plan = plan_for(changes);
  std::string bytes;
  const auto files = words_of(candidate.changes(), bytes);
  const auto routes = words_of(routes_to_keep(tree, Tree(candidate.files(), main_file)));
  Script script(embedded::nginx_steps_sh, "nginx_apply");
  script.with(embedded::nginx_probe_sh);
  script.argument(plan.when_idle ? client_ports(tree) : "now").argument(error_log(tree));
  script.argument(fmt::to_string(files.count)).argument(fmt::to_string(routes.count));
  for (const auto& words : {files.words, routes.words, checks_of(plan)})
    for (const auto& word : words) script.argument(word);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < changes.size(); ++i) all.push_back(i);
  return {{.serves = std::move(all),
           .what = "test, switch and reload nginx's configuration",
           .limit = limit,
           .action = ScriptStep{std::move(script).input(std::move(bytes))}}};
}

}  // namespace tidelock::nginx
