#include "providers/slurm/templates/template.hpp"

namespace tidelock::slurm {

DeclarationPtr recall_template(const ResourceKey& key, const Attributes& attributes, const KeptPaths& kept) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = key.kind;
  declaration->name = key.name;
  declaration->path = key.name;
  declaration->attributes = attributes;
  declaration->attributes.remove(template_fits);
  auto plan = std::make_shared<TemplatePlan>();
  const auto digest = attributes.text("source");
  plan->sha256 = digest.substr(std::min(digest.find(':') + 1, digest.size()));
  if (const auto place = kept.find(key.name); place != kept.end()) plan->kept = place->second;
  declaration->payload = std::move(plan);
  return declaration;
}

}  // namespace tidelock::slurm
