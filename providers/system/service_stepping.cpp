#include "providers/system/service_stepping.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/system/service_plan.hpp"
#include "providers/system/service_steps.sh.hpp"

namespace tidelock::system {
namespace {

using embedded::system_service_steps_sh;

constexpr std::chrono::seconds write_limit{60};
constexpr std::chrono::seconds settle_limit{400};  // starting, and putting the old one back
constexpr std::string_view none = "-";

bool changes(const Change& change, std::string_view attribute) {
  const auto& attributes = change.declaration->attributes;
  if (change.action == Action::create) return attributes.find(attribute) != nullptr;
  return holds(change.changed, std::string(attribute));
}

bool is_true(const Declaration& declaration, std::string_view attribute) {
  const auto* value = declaration.attributes.find(attribute);
  return value != nullptr && *value == Value(true);
}

/// An earlier apply wrote the unit, and ended before the restart.
bool is_owed(const Change& change) {
  const auto* running = change.before ? change.before->find("running") : nullptr;
  return running != nullptr && std::holds_alternative<std::string>(*running);
}

bool writes_files(const Change& change) {
  const bool renewed = changes(change, "unit") || changes(change, "drop_in") || changes(change, "secrets");
  return form_of(*change.declaration) != ServiceForm::state && renewed;
}

/// What systemctl does with it.
std::string_view verb(const Change& change, const ServicePlan& plan) {
  const auto& declaration = *change.declaration;
  const bool renewed = writes_files(change) || is_owed(change);
  const bool inputs = holds(change.changed, std::string("inputs"));
  if (declaration.ignore.contains("running")) return renewed || inputs ? "try-restart" : none;
  if (!is_true(declaration, "running")) return changes(change, "running") ? "stop" : none;
  if (renewed) return "restart";
  if (changes(change, "running")) return "start";
  return !inputs ? none : plan.on_change == "reload" ? "reload" : "restart";
}

std::string_view enabling(const Change& change) {
  const auto& declaration = *change.declaration;
  if (!changes(change, "enabled")) return none;
  return is_true(declaration, "enabled") ? "yes" : "no";
}

class ServiceStepper {
 public:
  ServiceStepper(std::vector<Step>& steps, std::span<const Change* const> changes)
      : steps_(steps), changes_(changes) {}

  void add_all() {
    for (std::size_t i = 0; i < changes_.size(); ++i) add_removal(i);
    for (std::size_t i = 0; i < changes_.size(); ++i) add_write(i);
    for (std::size_t i = 0; i < changes_.size(); ++i) add_settling(i);
  }

 private:
  [[nodiscard]] bool concerns(std::size_t i, bool removal) const {
    return changes_[i]->declaration->kind == "service" && (changes_[i]->action == Action::remove) == removal;
  }

  static std::string secrets_of(const Declaration& declaration) {
    return form_of(declaration) == ServiceForm::state ? std::string(none) : secrets_file(declaration);
  }

  void add_removal(std::size_t i) {
    if (!concerns(i, true)) return;
    const auto& declaration = *changes_[i]->declaration;
    const auto form = form_of(declaration);
    const auto* word = form == ServiceForm::unit      ? "unit"
                       : form == ServiceForm::drop_in ? "drop_in"
                                                      : "state";
    Script script(system_service_steps_sh, "service_remove");
    script.argument(unit_name(declaration)).argument(word);
    script.argument(unit_file(declaration)).argument(secrets_file(declaration));
    add(i, "remove service " + shown(declaration.name), std::move(script), settle_limit);
  }

  void add_write(std::size_t i) {
    const auto* plan = concerns(i, false) ? service_plan(*changes_[i]->declaration) : nullptr;
    if (plan == nullptr || !writes_files(*changes_[i])) return;
    const auto& declaration = *changes_[i]->declaration;
    auto script = plan->former ? Script(system_service_steps_sh, "service_bring_back")
                               : Script(system_service_steps_sh, "service_write");
    script.argument(unit_name(declaration))
        .argument(unit_file(declaration))
        .argument(secrets_of(declaration));
    if (plan->former) {
      script.argument(plan->kept_file).argument(plan->kept_secrets);
    } else {
      script.argument(fmt::to_string(plan->text.size())).argument(plan->secrets ? "yes" : "no");
      script.input(plan->text + (plan->secrets ? plan->secrets->reveal() : ""));
    }
    add(i, "write unit of service " + shown(declaration.name), std::move(script), write_limit);
  }

  void add_settling(std::size_t i) {
    const auto* plan = concerns(i, false) ? service_plan(*changes_[i]->declaration) : nullptr;
    if (plan == nullptr) return;
    const auto& change = *changes_[i];
    const auto& declaration = *change.declaration;
    const auto what = verb(change, *plan);
    if (plan->take_over && what != none && !change.memory.empty()) add_take_over(i, *plan);
    Script script(system_service_steps_sh, "service_settle");
    script.argument(unit_name(declaration))
        .argument(unit_file(declaration))
        .argument(secrets_of(declaration));
    script.argument(what).argument(enabling(change)).argument(fmt::to_string(plan->within));
    for (const auto& word : plan->health) script.argument(word);
    add(i, fmt::format("{} service {}", what == none ? "set up" : what, shown(declaration.name)),
        std::move(script), settle_limit + std::chrono::seconds(plan->within));
  }

  void add_take_over(std::size_t i, const ServicePlan& plan) {
    const auto& declaration = *changes_[i]->declaration;
    Script script(system_service_steps_sh, "service_take_over");
    script.argument(unit_name(declaration)).argument(fmt::to_string(*plan.port));
    for (const auto process : split(changes_[i]->memory, ' ')) script.argument(process);
    add(i, fmt::format("end what holds port {}", *plan.port), std::move(script), write_limit);
  }

  void add(std::size_t i, std::string what, Script script, std::chrono::seconds limit) {
    steps_.push_back({{i}, std::move(what), limit, ScriptStep{std::move(script)}});
  }

  std::vector<Step>& steps_;
  std::span<const Change* const> changes_;
};

}  // namespace

void add_service_steps(std::vector<Step>& steps, std::span<const Change* const> changes) {
  ServiceStepper(steps, changes).add_all();
}

}  // namespace tidelock::system
