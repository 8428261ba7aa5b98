#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/declaration.hpp"
#include "engine/model/provider.hpp"
#include "providers/slurm/jobs/check.hpp"
#include "providers/slurm/jobs/cluster_facts.hpp"

namespace tidelock::slurm {

inline constexpr std::string_view template_kind = "slurm_job_template";
/// Attribute of a template: whether the cluster can run it.
inline constexpr std::string_view template_fits = "fits";

[[nodiscard]] inline bool is_template(const Declaration& declaration) {
  return declaration.kind == template_kind;
}

/// What all templates of a manifest have in common.
struct TemplateSet {
  std::vector<JobTemplate> templates;
  ClusterImages images;
};

/// A template's bytes, and what they are checked with.
struct TemplatePlan final : Payload {
  std::string sha256;
  std::string bytes;
  std::string kept;  ///< or where the host keeps what it was before
  std::shared_ptr<const TemplateSet> set;
};

[[nodiscard]] inline const TemplatePlan* plan_of(const Declaration& declaration) {
  return dynamic_cast<const TemplatePlan*>(declaration.payload.get());
}

[[nodiscard]] DeclarationPtr recall_template(const ResourceKey& key, const Attributes& attributes,
                                             const KeptPaths& kept);

}  // namespace tidelock::slurm
