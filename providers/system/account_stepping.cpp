#include "providers/system/account_stepping.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value.hpp"
#include "providers/system/account_expand.hpp"
#include "providers/system/account_steps.sh.hpp"

namespace tidelock::system {
namespace {

using embedded::system_account_steps_sh;
using Words = std::vector<std::string>;

constexpr std::chrono::seconds usual{60};
constexpr std::chrono::seconds long_chown{3600};  // usermod --uid goes through the whole home folder

/// Attributes as the programs of the shadow suite take them.
std::string option_text(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::to_string(*number);
  if (const auto* words = std::get_if<Words>(&value)) return join(*words, ",");
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

struct Option {
  std::string_view attribute, option;
};
constexpr std::array user_options{Option{"uid", "--uid"},       Option{"group", "--gid"},
                                  Option{"groups", "--groups"}, Option{"shell", "--shell"},
                                  Option{"home", "--home"},     Option{"comment", "--comment"}};

class AccountStepper {
 public:
  AccountStepper(std::vector<Step>& steps, std::span<const Change* const> changes)
      : steps_(steps), changes_(changes) {}

  void add_all() {
    for (const auto i : order()) {
      const auto& kind = changes_[i]->declaration->kind;
      if (kind == "group") add_group(i);
      if (kind == "user") add_user(i);
    }
  }

 private:
  /// What is to have a certain number comes first, before the programs give that number to something else;
  /// and what it needs before it.
  [[nodiscard]] std::vector<std::size_t> order() const {
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < changes_.size(); ++i) wanted.push_back(i);
    std::ranges::stable_sort(wanted, {}, [&](std::size_t i) { return urgency(*changes_[i]); });
    std::vector<std::size_t> order;
    const auto visit = [&](const auto& self, std::size_t i) -> void {
      if (holds(order, i)) return;
      if (changes_[i]->action != Action::remove)
        for (std::size_t before = 0; before < changes_.size(); ++before)
          if (before != i && changes_[before]->action != Action::remove &&
              holds(changes_[i]->declaration->after,
                    ResourceKey{changes_[before]->declaration->kind, changes_[before]->declaration->name}))
            self(self, before);
      order.push_back(i);
    };
    for (const auto i : wanted) visit(visit, i);
    return order;
  }

  /// A user may bring a group along, and so a number of groups.
  [[nodiscard]] static int urgency(const Change& change) {
    if (change.action == Action::remove) return 3;
    if (change.declaration->kind == "group" && to_do(change, "gid")) return 0;
    return to_do(change, "uid") ? 1 : 2;
  }

  [[nodiscard]] static bool to_do(const Change& change, std::string_view attribute) {
    const auto& declaration = *change.declaration;
    if (declaration.attributes.find(attribute) == nullptr) return false;
    return change.action == Action::create || holds(change.changed, std::string(attribute));
  }

  [[nodiscard]] static std::string text(const Change& change, std::string_view attribute) {
    const auto* value = change.declaration->attributes.find(attribute);
    return value == nullptr ? std::string() : option_text(*value);
  }

  void add_group(std::size_t i) {
    const auto& change = *changes_[i];
    const auto& name = change.declaration->name;
    if (change.action == Action::remove)
      return add(i, "delete group " + shown(name), script("group_delete", name), usual);
    if (change.action == Action::create) {
      auto create = script("group_create", name);
      if (change.declaration->attributes.find("system") != nullptr) create.argument("--system");
      if (to_do(change, "gid")) create.argument("--gid").argument(text(change, "gid"));
      add(i, "make group " + shown(name), std::move(create), usual);
    } else if (to_do(change, "gid")) {
      add(i, "change group " + shown(name), script("group_change", name).argument(text(change, "gid")),
          usual);
    }
    if (to_do(change, "members"))
      add(i, "set members of group " + shown(name),
          script("group_members", name).argument(text(change, "members")), usual);
  }

  void add_user(std::size_t i) {
    const auto& change = *changes_[i];
    const auto& name = change.declaration->name;
    if (change.action == Action::remove) {
      const auto group = change.declaration->attributes.text("group");
      return add(i, "delete user " + shown(name),
                 script("user_delete", name).argument(group == name ? name : ""), usual);
    }
    const bool creates = change.action == Action::create;
    auto options = options_for(change);
    if (creates || !options.empty()) {
      auto step = creates ? script("user_create", name) : script("user_change", name);
      for (const auto& option : options) step.argument(option);
      add(i, fmt::format("{} user {}", creates ? "make" : "change", shown(name)), std::move(step),
          to_do(change, "uid") && !creates ? long_chown : usual);
    }
    const auto* plan = dynamic_cast<const UserPlan*>(change.declaration->payload.get());
    if (plan != nullptr && to_do(change, "authorized_keys"))
      add(i, "write authorized keys of " + shown(name),
          plan->kept_keys.empty() ? script("user_keys", name).input(plan->keys)
                                  : script("user_keys_back", name).argument(plan->kept_keys),
          usual);
  }

  [[nodiscard]] static Words options_for(const Change& change) {
    Words options;
    for (const auto& [attribute, option] : user_options) {
      if (!to_do(change, attribute)) continue;
      // Without this option it gets a group of its own name, which is made where there is none.
      const bool own_group = attribute == "group" && text(change, "group") == change.declaration->name;
      if (own_group && change.action == Action::create) continue;
      options.emplace_back(option);
      options.push_back(text(change, attribute));
    }
    if (change.action != Action::create) return options;
    const auto* plan = dynamic_cast<const UserPlan*>(change.declaration->payload.get());
    if (change.declaration->attributes.find("system") != nullptr) options.emplace_back("--system");
    options.emplace_back(plan != nullptr && plan->create_home ? "--create-home" : "--no-create-home");
    return options;
  }

  static Script script(ShellText function, const std::string& name) {
    return Script(system_account_steps_sh, function).argument(name);
  }

  void add(std::size_t i, std::string what, Script script, std::chrono::seconds limit) {
    steps_.push_back({{i}, std::move(what), limit, ScriptStep{std::move(script)}});
  }

  std::vector<Step>& steps_;
  std::span<const Change* const> changes_;
};

}  // namespace

void add_account_steps(std::vector<Step>& steps, std::span<const Change* const> changes) {
  AccountStepper(steps, changes).add_all();
}

}  // namespace tidelock::system
