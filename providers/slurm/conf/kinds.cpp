#include "providers/slurm/conf/kinds.hpp"

namespace tidelock::slurm {

bool is_conf_kind(std::string_view kind) {
  return kind == partition_kind || kind == node_kind || kind == parameter_kind || kind == files_kind;
}

void prepare_trial(ConfChange& change, const ConfigurationFiles& files) {
  if (const auto users = files.values("SlurmUser"); !users.empty()) change.slurm_user = users.back();
  const auto nodes = files.nodes();
  change.hosts.assign(nodes.begin(), nodes.end());
  for (const auto* parameter : {"SlurmctldHost", "AccountingStorageHost", "AccountingStorageBackupHost"})
    for (const auto& host : files.values(parameter)) change.hosts.push_back(host.substr(0, host.find('(')));
}

DeclarationPtr recall_conf(const ResourceKey& key, const Attributes& attributes, const KeptPaths& kept) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = key.kind;
  declaration->name = key.name;
  declaration->attributes = attributes;
  declaration->together = Together{std::string(conf_group), ""};
  if (key.kind == files_kind) {
    auto plan = std::make_shared<FilesPlan>();
    plan->lead = attributes.find(files_loaded) != nullptr;
    plan->kept = kept;
    declaration->attributes.remove(files_loaded);
    declaration->payload = std::move(plan);
  }
  return declaration;
}

Attributes reset_conf(const Declaration& declaration, const Attributes& applied) {
  Attributes attributes;
  for (const auto& [name, value] : applied) {
    if (declaration.attributes.find(name) != nullptr) continue;
    if (name == node_devices && !(value == Value(std::vector<std::string>{})))
      attributes.set(name, std::vector<std::string>{});
    const auto* field = find_conf_field(declaration.kind, name);
    if (field != nullptr && value != initial_value(*field)) attributes.set(name, initial_value(*field));
  }
  return attributes;
}

}  // namespace tidelock::slurm
