#include "providers/system/recall.hpp"

#include "providers/system/account_expand.hpp"
#include "providers/system/service_expand.hpp"
#include "providers/system/service_plan.hpp"

namespace tidelock::system {
namespace {

std::string kept_at(const KeptPaths& kept, const std::string& path) {
  const auto place = kept.find(path);
  return place == kept.end() ? std::string() : place->second;
}

/// It ran, whatever it ran with; and secrets come back as they have to be.
void tidy_service(Attributes& attributes) {
  const auto* running = attributes.find("running");
  if (running != nullptr && std::holds_alternative<std::string>(*running)) attributes.set("running", true);
  const auto* secrets = attributes.find("secrets");
  if (secrets == nullptr) return;
  if (const auto* hidden = std::get_if<Hidden>(secrets); hidden != nullptr && hidden->sha256.contains(' '))
    attributes.set("secrets", Hidden{hidden->sha256.substr(0, hidden->sha256.find(' '))});
}

std::shared_ptr<const ServicePlan> former_service(const Declaration& declaration, const KeptPaths& kept) {
  auto plan = std::make_shared<ServicePlan>();
  plan->former = true;
  plan->on_change = "restart";
  plan->kept_file = kept_at(kept, unit_file(declaration));
  plan->kept_secrets = kept_at(kept, secrets_file(declaration));
  return plan;
}

/// Keys of which the host keeps nothing stay as they are.
void tidy_user(Attributes& attributes, const KeptPaths& kept) {
  const auto* keys = attributes.find("authorized_keys");
  const auto* list = keys == nullptr ? nullptr : std::get_if<std::vector<std::string>>(keys);
  if (list != nullptr && !list->empty() && kept.empty()) attributes.remove("authorized_keys");
}

std::shared_ptr<const UserPlan> former_user(const KeptPaths& kept) {
  auto plan = std::make_shared<UserPlan>();
  plan->create_home = false;  // it was never deleted
  if (!kept.empty()) plan->kept_keys = kept.begin()->second;
  return plan;
}

}  // namespace

DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes, const KeptPaths& kept) {
  auto declaration = std::make_shared<Declaration>();
  declaration->kind = key.kind;
  declaration->name = key.name;
  declaration->attributes = attributes;
  const bool service = key.kind == "service";
  declaration->after = service ? before_service(attributes) : accounts_before(key, attributes);
  if (service) {
    tidy_service(declaration->attributes);
    declaration->payload = former_service(*declaration, kept);
  }
  if (key.kind == "user") {
    tidy_user(declaration->attributes, kept);
    declaration->payload = former_user(kept);
  }
  return declaration;
}

}  // namespace tidelock::system
