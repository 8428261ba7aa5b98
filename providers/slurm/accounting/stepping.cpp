#include "providers/slurm/accounting/stepping.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/accounting/fields.hpp"
#include "providers/slurm/accounting/reading.hpp"
#include "providers/slurm/sacctmgr.sh.hpp"

namespace tidelock::slurm {
namespace {

/// Stands for the cluster that the host's slurm.conf names; in quotes, which no text of ours can hold.
constexpr std::string_view on_cluster = R"( cluster="@")";

/// Commands of one sort. Those that differ in the name alone become one: sacctmgr takes a quarter of a second
/// for each, and hardly more for a hundred names.
class Group {
 public:
  void add(const std::string& verb, const std::string& name, const std::string& rest) {
    const auto same = std::ranges::find_if(commands_, [&](const Command& command) {
      return command.verb == verb && command.rest == rest && command.names.size() < most_names;
    });
    if (same == commands_.end())
      commands_.push_back({verb, {name}, rest});
    else
      same->names.push_back(name);
  }

  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& command : commands_)
      text += fmt::format("{} name={}{}\n", command.verb, join(command.names, ","), command.rest);
    return text;
  }

 private:
  static constexpr std::size_t most_names = 200;
  struct Command {
    std::string verb;
    std::vector<std::string> names;
    std::string rest;
  };
  std::vector<Command> commands_;
};

/// What sacctmgr calls a resource: "user", its name, and the conditions beside that.
struct Target {
  std::string_view sort;
  std::string name;
  std::string conditions;
};

Target target_of(const Declaration& declaration) {
  if (declaration.kind == "slurm_qos") return {"qos", declaration.name, ""};
  if (declaration.kind == "slurm_account") return {"account", declaration.name, std::string(on_cluster)};
  if (declaration.kind == "slurm_cluster") return {"account", "root", std::string(on_cluster)};
  if (const auto association = parse_association(declaration.name))
    return {"user", association->user, fmt::format(" account={}{}", association->account, on_cluster)};
  return {"user", declaration.name, std::string(on_cluster)};
}

/// All commands, in an order in which each finds what it needs: what is new first, QoS before accounts before
/// users; then changes, which take defaults away from what leaves; then that, in the other direction.
class Commands {
 public:
  explicit Commands(std::span<const Change* const> changes) : changes_(changes) {}

  std::string text() && {
    for (const auto* kind : {"slurm_qos", "slurm_account", "slurm_association"})
      each(kind, Action::create, &Commands::create);
    each("slurm_qos", Action::create, &Commands::preempt);
    each("slurm_account", Action::create, &Commands::describe);
    for (const auto* kind :
         {"slurm_qos", "slurm_cluster", "slurm_account", "slurm_association", "slurm_user"})
      each(kind, Action::update, &Commands::modify);
    each("slurm_user", Action::create, &Commands::modify);
    each("slurm_association", Action::remove, &Commands::give_other_default);
    for (const auto* kind : {"slurm_association", "slurm_user", "slurm_account", "slurm_qos"})
      each(kind, Action::remove, &Commands::remove);
    return std::move(text_);
  }

 private:
  using Writer = void (Commands::*)(Group&, const Change&) const;

  void each(std::string_view kind, Action action, Writer write) {
    Group group;
    for (const auto* change : changes_)
      if (change->declaration->kind == kind && change->action == action) (this->*write)(group, *change);
    text_ += group.text();
  }

  /// All that is not by itself as it is declared.
  void create(Group& group, const Change& change) const {
    const auto& declaration = *change.declaration;
    std::string words;
    for (const auto& [name, value] : declaration.attributes)
      if (const auto* field = find_field(declaration.kind, name); field != nullptr && name != "preempt")
        if (value != initial_value(*field)) words += ' ' + assignment(*field, value, nullptr);
    const auto target = target_of(declaration);
    group.add(fmt::format("add {}", target.sort), target.name, target.conditions + words);
  }

  /// What a QoS preempts may be made after it.
  void preempt(Group& group, const Change& change) const { set(group, change, {"preempt"}); }
  /// slurmdbd may hold the account for another cluster, or still hold it; then adding it does not change
  /// these.
  void describe(Group& group, const Change& change) const {
    set(group, change, {"description", "organization"});
  }
  void modify(Group& group, const Change& change) const { set(group, change, change.changed); }

  static void set(Group& group, const Change& change, const std::vector<std::string>& names) {
    const auto& declaration = *change.declaration;
    std::string words;
    for (const auto& name : names) {
      const auto* field = find_field(declaration.kind, name);
      const auto* wanted = declaration.attributes.find(name);
      const auto before = amounts_before(change, name);
      if (field != nullptr && wanted != nullptr) words += ' ' + assignment(*field, *wanted, &before);
    }
    const auto target = target_of(declaration);
    if (!words.empty())
      group.add(fmt::format("modify {} where", target.sort), target.name, target.conditions + " set" + words);
  }

  void give_other_default(Group& group, const Change& change) const {
    const auto association = parse_association(change.declaration->name);
    const auto account = change.before ? change.before->text(next_default) : "";
    if (!association || account.empty()) return;
    group.add("modify user where", association->user,
              fmt::format("{} set DefaultAccount={}", on_cluster, account));
  }

  /// What was there and has to be taken away by name. slurmdbd 22.05 mixes the amounts of each user into
  /// those of each account when it changes the latter.
  static Value amounts_before(const Change& change, std::string_view name) {
    const auto* seen = change.before ? change.before->find(name) : nullptr;
    const auto* mixed = change.before && name == "max_tres_run_mins_per_account"
                            ? change.before->find("max_tres_run_mins_per_user")
                            : nullptr;
    auto before = seen == nullptr ? Value() : *seen;
    auto* amounts = std::get_if<std::vector<std::string>>(&before);
    if (const auto* more = mixed == nullptr ? nullptr : std::get_if<std::vector<std::string>>(mixed))
      if (amounts != nullptr) amounts->insert(amounts->end(), more->begin(), more->end());
    return before;
  }

  /// The last association of a user who goes too goes with it.
  void remove(Group& group, const Change& change) const {
    const auto& declaration = *change.declaration;
    const auto association = parse_association(declaration.name);
    const auto* user = association ? removal("slurm_user", association->user) : nullptr;
    if (user != nullptr && user->before && user->before->text("default_account") == association->account)
      return;
    const auto target = target_of(declaration);
    group.add(fmt::format("delete {} where", target.sort), target.name, target.conditions);
  }

  [[nodiscard]] const Change* removal(std::string_view kind, std::string_view name) const {
    const auto found = std::ranges::find_if(changes_, [&](const Change* change) {
      return change->action == Action::remove && change->declaration->kind == kind &&
             change->declaration->name == name;
    });
    return found == changes_.end() ? nullptr : *found;
  }

  std::span<const Change* const> changes_;
  std::string text_;
};

bool is_accounting(const Change& change) {
  static constexpr std::array<std::string_view, 5> kinds{"slurm_qos", "slurm_account", "slurm_association",
                                                         "slurm_user", "slurm_cluster"};
  return holds(kinds, std::string_view(change.declaration->kind));
}

}  // namespace

void add_accounting_step(std::vector<Step>& steps, std::span<const Change* const> changes) {
  std::vector<const Change*> ours;
  std::vector<std::size_t> serves;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!is_accounting(*changes[i])) continue;
    ours.push_back(changes[i]);
    serves.push_back(i);
  }
  if (ours.empty()) return;
  constexpr std::chrono::seconds limit{960};
  const auto what = fmt::format("change Slurm's accounting ({})", count_of(ours.size(), "change"));
  steps.push_back(
      {std::move(serves), what, limit,
       ScriptStep{Script(embedded::slurm_sacctmgr_sh, "slurm_account").input(Commands(ours).text())}, true});
}

}  // namespace tidelock::slurm
