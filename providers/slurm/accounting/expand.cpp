#include "providers/slurm/accounting/expand.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/keys.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/accounting/fields.hpp"
#include "providers/slurm/accounting/users_file.hpp"

namespace tidelock::slurm {
namespace {

class Expander {
 public:
  Expander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : body_(section.body), context_(context), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    if (!find_controller()) return {};
    if (const auto* limits = body_.find("limits"))
      add("slurm_cluster", context_.manifest.cluster, *limits, body_.at());
    for (const auto& qos : entries("qos")) add("slurm_qos", lower_case(qos.key), qos.value, qos.key_at);
    for (const auto& account : entries("accounts"))
      add("slurm_account", lower_case(account.key), account.value, account.key_at);
    for (const auto& user : entries("users")) add_user(user);
    if (const auto* path = body_.find("users_from"))
      for (const auto& user : read_users(*path, diagnostics_)) add_user(user);
    return std::move(placements_);
  }

 private:
  [[nodiscard]] std::span<const Node::Entry> entries(std::string_view section) const {
    const auto* node = body_.find(section);
    return node == nullptr ? std::span<const Node::Entry>{} : node->entries();
  }

  bool find_controller() {
    const auto* controllers = body_.find("controllers");
    if (controllers == nullptr || controllers->sequence() == nullptr || controllers->sequence()->empty()) {
      if (body_.entries().empty()) return false;
      diagnostics_.error(
          body_.at(), "Key is missing",
          "slurm needs `controllers`: the nodes on which slurmctld runs, the primary one first");
      return false;
    }
    bool known = true;
    for (const auto& node : *controllers->sequence())
      known = names_node(node, context_.manifest, diagnostics_) && known;
    controller_ = controllers->sequence()->front().text();
    return known;
  }

  std::shared_ptr<Declaration> add(std::string kind, std::string name, const Node& body, const Location& at) {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = std::move(kind);
    declaration->name = std::move(name);
    declaration->at = at;
    declaration->asked_by = {"slurm"};
    declaration->protect = is_true(body.find("protect"));
    declaration->detect_only = is_true(body.find("detect_only"));
    for (const auto& entry : body.entries())
      if (const auto* field = find_field(declaration->kind, entry.key))
        declaration->attributes.set(field->key, declared_value(*field, entry.value, diagnostics_));
    if (const auto* ignored = body.find("ignore")) ignore(*declaration, *ignored);
    check_default_qos(*declaration, body);
    declaration->after = needs_of(*declaration);
    placements_.push_back({declaration, {controller_}});
    return declaration;
  }

  void ignore(Declaration& declaration, const Node& names) {
    if (names.sequence() == nullptr) return;
    for (const auto& name : *names.sequence()) {
      if (find_field(declaration.kind, name.text()) == nullptr)
        diagnostics_.error(name.at(), "No such attribute",
                           fmt::format("{} has no {}", declaration.kind, shown(name.text())));
      declaration.ignore.insert(std::string(name.text()));
    }
  }

  /// slurmdbd takes a default QoS that is not in the list, and then every job of the user is refused.
  void check_default_qos(const Declaration& declaration, const Node& body) {
    const auto name = declaration.attributes.text("default_qos");
    const auto* list = declaration.attributes.find("qos");
    const auto* names = list == nullptr ? nullptr : std::get_if<std::vector<std::string>>(list);
    if (name.empty() || names == nullptr || holds(*names, std::string(name))) return;
    diagnostics_.error(
        body.find("default_qos")->at(), "Default QoS is not allowed",
        fmt::format("{} is not in `qos`, so that every job without a QoS would be refused", name),
        {{body.find("qos")->at(), "the QoS that may be used"}});
  }

  void add_user(const Node::Entry& user) {
    const auto name = lower_case(user.key);
    std::vector<ResourceKey> associations;
    const auto* accounts = user.value.find("accounts");
    if (accounts == nullptr) return;
    for (const auto& account : accounts->entries()) {
      const auto association = add("slurm_association", association_name(lower_case(account.key), name),
                                   account.value, account.key_at);
      associations.push_back({association->kind, association->name});
    }
    check_default_account(user.value);
    auto declaration = add("slurm_user", name, user.value, user.key_at);
    declaration->after = std::move(associations);
  }

  void check_default_account(const Node& user) {
    const auto* name = user.find("default_account");
    if (name == nullptr) return;
    const auto& accounts = user.find("accounts")->entries();
    const bool listed = std::ranges::any_of(accounts, [&](const Node::Entry& entry) {
      return lower_case(entry.key) == lower_case(name->text());
    });
    if (!listed)
      diagnostics_.error(name->at(), "Default account is not one of the user's",
                         fmt::format("{} is not among its `accounts`", shown(name->text())));
  }

  const Node& body_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::string controller_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand_accounting(const Section& section, const ExpandContext& context,
                                         Diagnostics& diagnostics) {
  return Expander(section, context, diagnostics).expand();
}

}  // namespace tidelock::slurm
