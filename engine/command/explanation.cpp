#include "engine/command/explanation.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"
#include "engine/plan/plan_json.hpp"
#include "engine/report/impact_text.hpp"
#include "engine/report/plan_text.hpp"

namespace tidelock {
namespace {

std::string name_of(const Declaration& declaration) {
  return fmt::format("{} {}", declaration.kind, shown(declaration.name));
}

/// "directory /opt (cluster.yaml:7:5)"
std::string placed(const std::string& what, const Location& at) {
  const auto place = to_string(at);
  return place.empty() ? what : fmt::format("{} ({})", what, place);
}

std::string list_of(const std::vector<const Declaration*>& declarations) {
  constexpr std::size_t enough = 6;
  std::vector<std::string> names;
  for (const auto* declaration : std::span(declarations).first(std::min(enough, declarations.size())))
    names.push_back(placed(name_of(*declaration), declaration->at));
  const auto more = declarations.size() - names.size();
  return join(names, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
}

std::string what_becomes_of(const Change& change) {
  if (change.action == Action::blocked) return "blocked: " + change.blocked_because;
  if (change.declaration->implied) return "it is not there yet";
  return std::string(explain(change.cause));
}

nlohmann::json names_json(const std::vector<const Declaration*>& declarations) {
  auto list = nlohmann::json::array();
  for (const auto* declaration : declarations) list.push_back(name_of(*declaration));
  return list;
}

}  // namespace

Explanation::Explanation(const Workspace& workspace, const GraphHost& host, DeclarationPtr declaration,
                         std::vector<HostObservation>& observations)
    : workspace_(workspace),
      host_(host),
      declaration_(std::move(declaration)),
      seen_(*std::ranges::find(observations, host.node->name, &HostObservation::host)),
      plan_(workspace.plan(observations, {}).plan) {
  for (const auto& change : plan_.changes)
    // Not the same object: attributes that go back to what they are by themselves make another one.
    if (change.host == host_.node->name && change.declaration->kind == declaration_->kind &&
        change.declaration->name == declaration_->name)
      change_ = &change;
}

std::string Explanation::text(const Style& style) const {
  std::string out = style.bold(shown(address())) + '\n';
  const auto row = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) out += fmt::format("  {:<13}{}\n", label, value);
  };
  row("declared", declared());
  row("asked by", asked_by());
  row("must be", declaration_->at.known() ? attributes_text(declaration_->attributes) : "");
  if (declaration_->protect) row("protected", "never deleted or replaced");
  row("needs", list_of(needed()));
  row("needed by", list_of(dependents()));
  row("written on", written_on());
  row("last applied", last_applied());
  for (std::string_view label = "now"; const auto& line : now(style)) row(std::exchange(label, ""), line);
  for (std::string_view label = "because"; const auto& link : chain())
    row(std::exchange(label, ""),
        fmt::format("{:{}}{} {}: {}", "", 2 * link.depth, link.is_input ? "it acts on" : "first comes",
                    placed(name_of(*link.change->declaration), link.change->declaration->at),
                    what_becomes_of(*link.change)));
  return out;
}

bool Explanation::checked() const {
  return std::ranges::none_of(plan_.unchecked,
                              [&](const Unchecked& one) { return one.host == host_.node->name; });
}

nlohmann::json Explanation::json() const {
  nlohmann::json json{{"address", address()},
                      {"asked_by", declaration_->asked_by},
                      {"must_be", to_json(declaration_->attributes)},
                      {"needs", names_json(needed())},
                      {"needed_by", names_json(dependents())},
                      {"because", nlohmann::json::array()}};
  const auto plan = to_json(plan_);
  for (const auto& change : plan["resource_changes"])
    if (change["address"] == address()) json["change"] = change;
  for (const auto& link : chain()) {
    const auto& declaration = *link.change->declaration;
    json["because"].push_back(
        {{"depth", link.depth},
         {"address", to_string(Address{host_.node->name, declaration.kind, declaration.name})},
         {"declared_at", to_string(declaration.at)},
         {"why", what_becomes_of(*link.change)}});
  }
  json["unchecked"] = nlohmann::json::array();
  for (const auto& one : plan["unchecked"])
    if (one["host"] == host_.node->name) json["unchecked"].push_back(one);
  return json;
}

std::string Explanation::address() const {
  return to_string(Address{host_.node->name, declaration_->kind, declaration_->name});
}

std::string Explanation::declared() const {
  if (declaration_->at.known()) return to_string(declaration_->at);
  return declaration_->implied ? "" : "no longer; the host's ledger remembers it";
}

std::string Explanation::asked_by() const {
  const auto& types = workspace_.manifest().node_types;
  const auto type = types.find(host_.node->type);
  if (type == types.end() || declaration_->implied || declaration_->asked_by.empty())
    return join(declaration_->asked_by, ", ");
  std::vector<std::string> lineage;
  for (const auto& name : type->second.lineage) {
    const auto known = types.find(name);
    lineage.push_back(known == types.end() ? name : placed(name, known->second.at));
  }
  return fmt::format("{}; {} is of node type {}", join(declaration_->asked_by, ", "),
                     placed(host_.node->name, host_.node->at), join(lineage, ", which extends "));
}

std::vector<const Declaration*> Explanation::needed() const {
  std::vector<const Declaration*> list;
  const auto& items = host_.blueprint->items;
  for (const auto& item : items)
    if (item.declaration == declaration_)
      for (const auto needed : item.needs) list.push_back(items[needed].declaration.get());
  return list;
}

std::vector<const Declaration*> Explanation::dependents() const {
  std::vector<const Declaration*> list;
  const auto& items = host_.blueprint->items;
  for (const auto& item : items)
    if (std::ranges::any_of(item.needs,
                            [&](std::uint32_t needed) { return items[needed].declaration == declaration_; }))
      list.push_back(item.declaration.get());
  return list;
}

std::string Explanation::written_on() const {
  const auto* shared = declaration_->path ? workspace_.graph().shared(*declaration_->path) : nullptr;
  return shared == nullptr ? ""
                           : fmt::format("{}, and checked here: {}", shared->apply_on,
                                         placed(shown(shared->path) + " is shared", shared->at));
}

std::string Explanation::last_applied() const {
  const auto* ledger = readable(seen_.ledger);
  const auto* entry = ledger == nullptr ? nullptr : ledger->find(declaration_->kind, declaration_->name);
  if (entry == nullptr) return seen_.unreachable ? "" : "never";
  const auto* made = entry->created ? "made by us" : "adopted, it was there before";
  if (!entry->applied) return fmt::format("begun in run {} and not finished", entry->run);
  return fmt::format("{} in run {}, {}", attributes_text(*entry->applied), entry->run, made);
}

std::vector<std::string> Explanation::now(const Style& style) const {
  if (seen_.unreachable) return {style.red("unchecked: ") + one_line(*seen_.unreachable)};
  if (change_ == nullptr) return {"there"};
  if (change_->released) return {"not ours to delete, or gone already: the next apply forgets it"};
  if (change_->action == Action::no_op) return {style.green("as declared")};
  std::vector<std::string> lines;
  if (change_->action == Action::blocked) lines.push_back(style.red("blocked: ") + change_->blocked_because);
  if (change_->cause != Cause::none) lines.emplace_back(explain(change_->cause));
  if (change_->before && change_->cause != Cause::orphan)
    for (const auto& name : change_->changed) lines.push_back(difference(name));
  const Change* const changes[] = {change_};
  if (change_->writes())
    for (auto& line : disturbance_lines(changes)) lines.push_back(std::move(line));
  return lines;
}

std::string Explanation::difference(const std::string& name) const {
  if (name == "inputs") return "it has to act on what it reads";
  const auto& wanted = *change_->declaration->attributes.find(name);
  const auto* was = change_->before->find(name);
  if (was != nullptr && std::holds_alternative<Hidden>(wanted))
    return fmt::format("{} is not what it must be; both are secret", name);
  return fmt::format("{} is {} and must be {}", name, was == nullptr ? "none" : value_text(*was),
                     value_text(wanted));
}

/// Whether what becomes of `lower` has to do with what becomes of `upper`.
bool Explanation::counts(const Change& upper, const Change& lower) const {
  if (lower.action == Action::blocked) return upper.action == Action::blocked;
  return lower.writes() && upper.writes();
}

std::vector<Explanation::Link> Explanation::chain() const {
  constexpr std::size_t enough = 20;
  std::vector<Link> links;
  std::set<const Change*> told;
  const auto follow = [&](const auto& self, const Change& upper, std::size_t depth) -> void {
    for (const auto index : upper.after) {
      const auto& lower = plan_.changes[index];
      if (links.size() == enough || !counts(upper, lower) || !told.insert(&lower).second) continue;
      const ResourceKey key{lower.declaration->kind, lower.declaration->name};
      links.push_back({depth, &lower, holds(upper.declaration->inputs, key)});
      self(self, lower, depth + 1);
    }
  };
  if (change_ != nullptr) follow(follow, *change_, 0);
  return links;
}

}  // namespace tidelock
