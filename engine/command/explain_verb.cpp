#include <algorithm>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/text.hpp"
#include "engine/command/verbs.hpp"
#include "engine/command/workspace.hpp"
#include "engine/model/value_json.hpp"
#include "engine/plan/plan_json.hpp"
#include "engine/report/plan_text.hpp"

namespace tidelock {
namespace {

/// Everything known about one resource.
class Explanation {
 public:
  Explanation(const Workspace& workspace, const GraphHost& host, const Blueprint::Item& item,
              HostObservation seen)
      : workspace_(workspace), host_(host), item_(item), seen_(std::move(seen)) {
    plan_ = workspace.plan({seen_}, {});
    for (const auto& change : plan_.changes)
      if (change.declaration == item.declaration) change_ = &change;
  }

  [[nodiscard]] std::string text(const Style& style) const {
    const auto& declaration = *item_.declaration;
    std::string out = style.bold(shown(address())) + '\n';
    const auto row = [&](std::string_view label, const std::string& value) {
      if (!value.empty()) out += fmt::format("  {:<13}{}\n", label, value);
    };
    row("declared", to_string(declaration.at));
    row("asked by", asked_by());
    row("must be", attributes_text(declaration.attributes));
    if (declaration.protect) row("protected", "never deleted or replaced");
    row("needs", needs());
    row("needed by", needed_by());
    row("written on", written_on());
    row("last applied", last_applied());
    for (const auto& line : now(style)) row("now", line);
    return out;
  }

  [[nodiscard]] nlohmann::json json() const {
    nlohmann::json json{{"address", address()},
                        {"asked_by", item_.declaration->asked_by},
                        {"must_be", to_json(item_.declaration->attributes)},
                        {"needs", needed_names()},
                        {"needed_by", dependents()}};
    const auto plan = to_json(plan_);
    for (const auto& change : plan["resource_changes"])
      if (change["address"] == address()) json["change"] = change;
    json["unchecked"] = plan["unchecked"];
    return json;
  }

  [[nodiscard]] bool checked() const { return plan_.unchecked.empty(); }

 private:
  [[nodiscard]] std::string address() const {
    return to_string(Address{host_.node->name, item_.declaration->kind, item_.declaration->name});
  }

  [[nodiscard]] std::string asked_by() const {
    auto text = join(item_.declaration->asked_by, ", ");
    const auto type = workspace_.manifest().node_types.find(host_.node->type);
    if (type == workspace_.manifest().node_types.end() || item_.declaration->implied) return text;
    const auto& lineage = type->second.lineage;
    if (lineage.size() > 1)
      text += fmt::format(", which extends {}",
                          join(std::vector<std::string>(lineage.begin() + 1, lineage.end()), ", "));
    return text + fmt::format("; {} is such a node ({})", host_.node->name, to_string(host_.node->at));
  }

  [[nodiscard]] std::vector<std::string> needed_names() const {
    std::vector<std::string> names;
    for (const auto needed : item_.needs) {
      const auto& declaration = *host_.blueprint->items[needed].declaration;
      names.push_back(fmt::format("{} {}", declaration.kind, shown(declaration.name)));
    }
    return names;
  }

  [[nodiscard]] std::string needs() const { return join(needed_names(), ", "); }

  [[nodiscard]] std::vector<std::string> dependents() const {
    const auto& items = host_.blueprint->items;
    const auto self = static_cast<std::uint32_t>(&item_ - items.data());
    std::vector<std::string> names;
    for (const auto& other : items)
      if (holds(other.needs, self))
        names.push_back(fmt::format("{} {}", other.declaration->kind, shown(other.declaration->name)));
    return names;
  }

  [[nodiscard]] std::string needed_by() const {
    auto names = dependents();
    constexpr std::size_t enough = 6;
    const auto more = names.size() > enough ? names.size() - enough : 0;
    if (more > 0) names.resize(enough);
    return join(names, ", ") + (more > 0 ? fmt::format(" and {} more", more) : "");
  }

  [[nodiscard]] std::string written_on() const {
    const auto& path = item_.declaration->path;
    const auto* shared = path ? workspace_.graph().shared(*path) : nullptr;
    return shared == nullptr
               ? ""
               : fmt::format("{}, and checked here: {} is shared", shared->apply_on, shown(shared->path));
  }

  [[nodiscard]] std::string last_applied() const {
    const auto* ledger = readable(seen_.ledger);
    const auto* entry =
        ledger == nullptr ? nullptr : ledger->find(item_.declaration->kind, item_.declaration->name);
    if (entry == nullptr) return seen_.unreachable ? "" : "never";
    const auto* made = entry->created ? "made by us" : "adopted, it was there before";
    if (!entry->applied) return fmt::format("begun in run {} and not finished", entry->run);
    return fmt::format("{} in run {}, {}", attributes_text(*entry->applied), entry->run, made);
  }

  [[nodiscard]] std::vector<std::string> now(const Style& style) const {
    if (seen_.unreachable) return {style.red("unchecked: ") + one_line(*seen_.unreachable)};
    if (change_ == nullptr) return {"there"};
    if (change_->action == Action::no_op) return {style.green("as declared")};
    std::vector<std::string> lines;
    if (change_->action == Action::blocked)
      lines.push_back(style.red("blocked: ") + change_->blocked_because);
    if (change_->cause != Cause::none) lines.emplace_back(explain(change_->cause));
    if (change_->before)
      for (const auto& name : change_->changed) lines.push_back(difference(name));
    return lines;
  }

  [[nodiscard]] std::string difference(const std::string& name) const {
    const auto& wanted = *item_.declaration->attributes.find(name);
    const auto* was = change_->before->find(name);
    if (was != nullptr && std::holds_alternative<Hidden>(wanted))
      return fmt::format("{} is not what it must be; both are secret", name);
    return fmt::format("{} is {} and must be {}", name, was == nullptr ? "none" : value_text(*was),
                       value_text(wanted));
  }

  const Workspace& workspace_;
  const GraphHost& host_;
  const Blueprint::Item& item_;
  HostObservation seen_;
  Plan plan_;
  const Change* change_ = nullptr;
};

Exit unknown_address(const Options& options, const Workspace& workspace, const Console& console) {
  const auto near = closest(options.address, workspace.addresses());
  console.show(Error{"Nothing with this address is declared", shown(options.address),
                     near ? fmt::format("did you mean {}?", shown(*near))
                          : "write HOST:KIND:NAME, for example node001:directory:/opt/apptainers"});
  return Exit::error;
}

Result<HostObservation> look_at(const GraphHost& host, const Options& options, const Workspace& workspace) {
  Selection only;
  only.hosts = {host.node->name};
  if (options.observed) {
    constexpr std::uint64_t recording_limit = 1'000'000'000;
    const auto text = read_file(*options.observed, recording_limit);
    if (!text) return std::unexpected(text.error());
    const auto recording = parse_recording(*text);
    if (!recording) return std::unexpected(recording.error());
    return workspace.observe(*recording, only).front();
  }
  const auto transport = workspace.wiring().transport(workspace.manifest().connection);
  Fleet fleet(*transport, workspace.wiring().cancel, 1);
  Progress silent(Progress::Kind::silent);
  return workspace.observe(fleet, only, options.rehash, silent).front();
}

}  // namespace

Exit run_explain(const Options& options, const Wiring& wiring, const Console& console) {
  const auto workspace = Workspace::load(options, wiring, console, Workspace::Secrets::resolve);
  if (workspace == nullptr) return Exit::error;
  const auto address = parse_address(options.address);
  const auto* host = address ? workspace->graph().find(address->host) : nullptr;
  const auto* item = host == nullptr ? nullptr : host->blueprint->find(address->kind, address->name);
  if (item == nullptr) return unknown_address(options, *workspace, console);
  auto seen = look_at(*host, options, *workspace);
  if (!seen) {
    console.show(seen.error());
    return Exit::error;
  }
  const Explanation explanation(*workspace, *host, *item, std::move(*seen));
  console.answer(options.format == Format::json ? dump(explanation.json(), 1) + '\n'
                                                : explanation.text(console.answer_style()));
  return explanation.checked() ? Exit::done : Exit::incomplete;
}

}  // namespace tidelock
