#include "providers/slurm/accounting/entity.hpp"

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

/// There from the beginning, and nobody's to make.
bool is_given(const ResourceKey& key) {
  return key.name.empty() || key == ResourceKey{"slurm_account", "root"} ||
         key == ResourceKey{"slurm_qos", "normal"};
}

void add(std::vector<ResourceKey>& needs, ResourceKey key) {
  if (!is_given(key) && !holds(needs, key)) needs.push_back(std::move(key));
}

void add_qos(std::vector<ResourceKey>& needs, const Attributes& attributes) {
  const auto* list = attributes.find("qos");
  if (const auto* names = list == nullptr ? nullptr : std::get_if<std::vector<std::string>>(list))
    for (const auto& name : *names) add(needs, {"slurm_qos", name});
  add(needs, {"slurm_qos", std::string(attributes.text("default_qos"))});
}

}  // namespace

std::string association_name(std::string_view account, std::string_view user) {
  return std::string(account).append("/").append(user);
}

std::optional<AssociationName> parse_association(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size()) return std::nullopt;
  return AssociationName{std::string(name.substr(0, slash)), std::string(name.substr(slash + 1))};
}

std::vector<ResourceKey> needs_of(const Declaration& declaration) {
  std::vector<ResourceKey> needs;
  const auto& attributes = declaration.attributes;
  if (declaration.kind == "slurm_account")
    add(needs, {"slurm_account", std::string(attributes.text("parent"))});
  if (declaration.kind == "slurm_association")
    if (const auto name = parse_association(declaration.name)) add(needs, {"slurm_account", name->account});
  // A user is made by its first association; its default account is one of them.
  if (const auto account = attributes.text("default_account"); !account.empty())
    add(needs, {"slurm_association", association_name(account, declaration.name)});
  add_qos(needs, attributes);
  return needs;
}

}  // namespace tidelock::slurm
