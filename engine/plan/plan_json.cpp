#include "engine/plan/plan_json.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"
#include "engine/plan/impact.hpp"

namespace tidelock {
namespace {

using Json = nlohmann::json;

constexpr std::string_view format_version = "1.0";
constexpr std::string_view digest_key = "sha256";

Json actions_of(Action action) {
  switch (action) {
    case Action::create:
      return {"create"};
    case Action::update:
      return {"update"};
    case Action::remove:
      return {"delete"};
    case Action::replace:
      return {"delete", "create"};
    case Action::no_op:
    case Action::blocked:
      break;
  }
  return {"no-op"};
}

Json place(const Location& at) {
  if (!at.known()) return nullptr;
  return {{"file", at.file->name}, {"line", at.line}, {"column", at.column}};
}

Json list_of(const auto& items, const auto& convert) {
  auto list = Json::array();
  for (const auto& item : items) list.push_back(convert(item));
  return list;
}

constexpr std::array disturbance_kinds{
    std::pair(Disturbance::Kind::service, "service"), std::pair(Disturbance::Kind::process, "process"),
    std::pair(Disturbance::Kind::job, "job"), std::pair(Disturbance::Kind::other, "other")};

Json disturbance_json(const Disturbance& disturbance) {
  const auto* kind =
      std::ranges::find(disturbance_kinds, disturbance.kind, &decltype(disturbance_kinds)::value_type::first);
  return {{"kind", kind->second}, {"name", disturbance.name}, {"effect", disturbance.effect}};
}

Disturbance parse_disturbance(const Json& json) {
  Disturbance disturbance{.name = json.at("name"), .effect = json.at("effect")};
  for (const auto& [kind, word] : disturbance_kinds)
    if (json.at("kind") == word) disturbance.kind = kind;
  return disturbance;
}

std::string address_of(const Change& change) {
  return to_string(Address{change.host, change.declaration->kind, change.declaration->name});
}

Json change_json(const Plan& plan, const Change& change) {
  const auto& declaration = *change.declaration;
  const bool leaves = change.cause == Cause::orphan;
  const auto after = leaves ? Json() : to_json(declaration.attributes);
  const bool same = change.action == Action::no_op && !leaves;
  Json json{{"address", address_of(change)},
            {"host", change.host},
            {"kind", declaration.kind},
            {"name", declaration.name},
            {"actions", actions_of(change.action)},
            {"cause", change.cause == Cause::none ? Json() : Json(to_string(change.cause))},
            {"before", same            ? after
                       : change.before ? to_json(*change.before)
                                       : Json()},
            {"after", after},
            {"changed", change.changed},
            {"declared_at", place(declaration.at)},
            {"fingerprint", change.fingerprint}};
  if (change.action == Action::blocked) json["blocked"] = change.blocked_because;
  if (leaves) json["remembered"] = to_json(declaration.attributes);
  if (change.released) json["released"] = true;
  if (change.kept) json["protected"] = true;
  if (!change.disturbs.empty()) json["disturbs"] = list_of(change.disturbs, disturbance_json);
  if (!change.irreversible.empty()) json["irreversible"] = change.irreversible;
  if (!change.approval.empty()) json["approval"] = change.approval;
  if (declaration.implied) {
    json["implied"] = true;
    json["asked_by"] = declaration.asked_by;
  }
  if (change.checked_only) json["checked_only"] = true;
  for (const auto before : change.after) json["after_changes"].push_back(address_of(plan.changes[before]));
  if (change.bytes_to_send > 0) json["bytes_to_send"] = change.bytes_to_send;
  if (!change.text_diff.empty()) json["diff"] = change.text_diff;
  return json;
}

Json unchecked_json(const Unchecked& unchecked) {
  Json json{{"host", unchecked.host}, {"reason", unchecked.reason}};
  if (unchecked.address) json["address"] = to_string(*unchecked.address);
  if (!unchecked.detail.empty()) json["detail"] = unchecked.detail;
  if (!unchecked.advice.empty()) json["advice"] = unchecked.advice;
  return json;
}

Json impact_json(const Plan& plan) {
  const auto impact = impact_of(plan);
  Json json{{"services", Json::array()},
            {"processes", Json::array()},
            {"jobs", Json::array()},
            {"other", Json::array()},
            {"irreversible", Json::array()},
            {"bytes_to_send", impact.bytes_to_send},
            {"transfer_seconds", impact.transfer_seconds ? Json(*impact.transfer_seconds) : Json()}};
  static const std::map<Disturbance::Kind, const char*> lists{{Disturbance::Kind::service, "services"},
                                                              {Disturbance::Kind::process, "processes"},
                                                              {Disturbance::Kind::job, "jobs"},
                                                              {Disturbance::Kind::other, "other"}};
  for (const auto& [change, disturbance] : impact.items)
    json[lists.at(disturbance->kind)].push_back({{"host", change->host},
                                                 {"address", address_of(*change)},
                                                 {"name", disturbance->name},
                                                 {"effect", disturbance->effect}});
  for (const auto* change : impact.irreversible)
    json["irreversible"].push_back({{"address", address_of(*change)}, {"what", change->irreversible}});
  return json;
}

Json summary_json(const PlanSummary& sum) {
  return {{"create", sum.create},
          {"update", sum.update},
          {"delete", sum.remove},
          {"no_op", sum.no_op},
          {"blocked", sum.blocked}};
}

Action parse_actions(const Json& json) {
  const Json& actions = json.at("actions");
  if (json.contains("blocked")) return Action::blocked;
  for (const auto action : {Action::create, Action::update, Action::remove, Action::replace})
    if (actions == actions_of(action)) return action;
  return Action::no_op;
}

Location parse_place(const Json& json) {
  if (!json.is_object()) return {};
  auto file = std::make_shared<SourceFile>();
  file->name = json.value("file", "");
  return {std::move(file), json.value("line", 0U), json.value("column", 0U)};
}

Change parse_change(const Json& json) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = json.at("kind");
  declaration->name = json.at("name");
  declaration->attributes =
      attributes_from_json(json.at(json.contains("remembered") ? "remembered" : "after"));
  declaration->at = parse_place(json.at("declared_at"));
  declaration->implied = json.value("implied", false);
  declaration->asked_by = json.value("asked_by", std::vector<std::string>{});
  Change change;
  change.host = json.at("host");
  change.declaration = std::move(declaration);
  change.action = parse_actions(json);
  if (json.at("cause").is_string())
    change.cause = parse_cause(json.at("cause").get<std::string>()).value_or(Cause::none);
  if (change.action != Action::no_op && json.at("before").is_object())
    change.before = attributes_from_json(json.at("before"));
  change.changed = json.at("changed").get<std::vector<std::string>>();
  change.blocked_because = json.value("blocked", "");
  change.text_diff = json.value("diff", "");
  change.fingerprint = json.at("fingerprint");
  change.bytes_to_send = json.value("bytes_to_send", std::uint64_t{0});
  change.checked_only = json.value("checked_only", false);
  change.released = json.value("released", false);
  change.kept = json.value("protected", false);
  for (const auto& disturbance : json.value("disturbs", Json::array()))
    change.disturbs.push_back(parse_disturbance(disturbance));
  change.irreversible = json.value("irreversible", "");
  change.approval = json.value("approval", "");
  return change;
}

void link_changes(Plan& plan, const Json& changes) {
  std::map<std::string, std::uint32_t> places;
  for (std::uint32_t i = 0; i < plan.changes.size(); ++i) places[address_of(plan.changes[i])] = i;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    for (const auto& before : changes[i].value("after_changes", Json::array()))
      if (const auto place = places.find(before.get<std::string>()); place != places.end())
        plan.changes[i].after.push_back(place->second);
}

Unchecked parse_unchecked(const Json& json) {
  Unchecked unchecked{
      json.at("host"), {}, json.at("reason"), json.value("detail", ""), json.value("advice", "")};
  if (json.contains("address")) unchecked.address = parse_address(json.at("address").get<std::string>());
  return unchecked;
}

Selection parse_selection(const Json& json) {
  return {json.at("targets"), json.at("excludes"), json.at("kinds"), json.at("hosts")};
}

SavedPlan parse_members(const Json& json) {
  SavedPlan saved;
  auto& plan = saved.plan;
  const auto& source = json.at("source");
  plan.source.manifest = source.at("manifest");
  plan.source.manifest_digest = source.at("manifest_digest");
  plan.source.cluster = json.at("cluster");
  if (source.at("commit").is_string()) plan.source.commit = source.at("commit").get<std::string>();
  plan.source.modified = source.value("modified", false);
  for (const auto& change : json.at("resource_changes")) plan.changes.push_back(parse_change(change));
  link_changes(plan, json.at("resource_changes"));
  for (const auto& unchecked : json.at("unchecked")) plan.unchecked.push_back(parse_unchecked(unchecked));
  for (const auto& away : json.at("away")) plan.away.push_back({away.at("host"), away.at("reason")});
  for (const auto& remark : json.at("remarks"))
    plan.remarks.push_back({remark.at("host"), remark.at("text")});
  for (const auto& why : json.at("refusals"))
    plan.refusals.push_back({why.at("summary"), why.at("detail"), why.at("advice")});
  for (const auto& extra : json.at("extra"))
    plan.extras.push_back({extra.at("host"), {extra.at("kind"), extra.at("name"), {}}});
  plan.hosts = json.at("hosts");
  if (const auto& seconds = json.at("impact").at("transfer_seconds"); seconds.is_number())
    plan.transfer_seconds = seconds.get<std::uint64_t>();
  saved.selection = parse_selection(json.at("selection"));
  return saved;
}

std::unexpected<Error> no_plan(std::string why) { return failure("This is no saved plan", std::move(why)); }

}  // namespace

Json to_json(const Plan& plan) {
  const auto& source = plan.source;
  return {{"format_version", format_version},
          {"cluster", source.cluster},
          {"source",
           {{"manifest", source.manifest},
            {"manifest_digest", source.manifest_digest},
            {"commit", source.commit ? Json(*source.commit) : Json()},
            {"modified", source.modified},
            {"signer", nullptr}}},
          {"hosts", plan.hosts},
          {"resource_changes",
           list_of(plan.changes, [&](const Change& change) { return change_json(plan, change); })},
          {"unchecked", list_of(plan.unchecked, unchecked_json)},
          {"deferred", Json::array()},
          {"away",
           list_of(plan.away, [](const Away& a) { return Json{{"host", a.host}, {"reason", a.reason}}; })},
          {"remarks",
           list_of(plan.remarks, [](const Remark& r) { return Json{{"host", r.host}, {"text", r.text}}; })},
          {"extra", list_of(plan.extras,
                            [](const PlanExtra& e) {
                              return Json{{"host", e.host},
                                          {"address", to_string(Address{e.host, e.extra.kind, e.extra.name})},
                                          {"kind", e.extra.kind},
                                          {"name", e.extra.name}};
                            })},
          {"refusals", list_of(plan.refusals,
                               [](const Error& e) {
                                 return Json{
                                     {"summary", e.summary}, {"detail", e.detail}, {"advice", e.advice}};
                               })},
          {"back_before", plan.back_before.empty() ? Json() : Json(plan.back_before)},
          {"impact", impact_json(plan)},
          {"summary", summary_json(plan.summary())}};
}

std::string format_plan_file(const Plan& plan, const Selection& selection) {
  auto json = to_json(plan);
  json["selection"] = {{"targets", selection.targets},
                       {"excludes", selection.excludes},
                       {"kinds", selection.kinds},
                       {"hosts", selection.hosts}};
  json[digest_key] = sha256_hex(dump(json));
  return dump(json, 1) + '\n';
}

Result<SavedPlan> parse_plan_file(std::string_view text) try {
  auto json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("format_version"))
    return no_plan("it is not JSON that `plan --out` wrote");
  if (json["format_version"] != format_version)
    return no_plan(fmt::format("it has format {}, and this program knows {}", dump(json["format_version"]),
                               format_version));
  if (!json.contains(digest_key)) return no_plan("it was not written by `plan --out`");
  const Json digest = json[digest_key];
  json.erase(digest_key);
  if (digest != sha256_hex(dump(json))) return no_plan("it was changed after it was saved");
  return parse_members(json);
} catch (const Json::exception& error) {
  return no_plan(error.what());
}

namespace {

/// What counts about a plan: by address, what would be done, and what was seen before.
std::map<std::string, std::string> essence(const Plan& plan) {
  std::map<std::string, std::string> result;
  for (const auto& change : plan.changes) {
    if (!change.writes()) continue;
    const auto& declaration = *change.declaration;
    result.emplace(to_string(Address{change.host, declaration.kind, declaration.name}),
                   fmt::format("{} {} {}", to_string(change.action), change.fingerprint,
                               dump(to_json(declaration.attributes))));
  }
  return result;
}

}  // namespace

std::optional<std::string> difference(const Plan& saved, const Plan& now) {
  if (saved.source.cluster != now.source.cluster) return "it is for another cluster";
  if (saved.source.manifest_digest != now.source.manifest_digest) return "the manifest was changed since";
  if (saved.source.commit != now.source.commit) return "its manifest is of another commit now";
  const auto then = essence(saved);
  const auto today = essence(now);
  for (const auto& [address, change] : then) {
    const auto same = today.find(address);
    if (same == today.end())
      return fmt::format("{} needs no change any more, or cannot be checked", shown(address));
    if (same->second != change) return fmt::format("{} is not as it was", shown(address));
  }
  for (const auto& [address, change] : today)
    if (!then.contains(address)) return fmt::format("{} would be changed too", shown(address));
  return std::nullopt;
}

}  // namespace tidelock
