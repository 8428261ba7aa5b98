#include "providers/nginx/provider.hpp"

#include <array>

#include "providers/nginx/expand.hpp"
#include "providers/nginx/names.hpp"
#include "providers/nginx/reading.hpp"
#include "providers/nginx/schema.json.hpp"
#include "providers/nginx/site.hpp"
#include "providers/nginx/stepping.hpp"
#include "providers/nginx/wish.hpp"

namespace tidelock {
namespace {

class NginxProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "nginx"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array kinds{nginx::location_kind, nginx::server_kind, nginx::upstream_kind};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override { return parse_fragment(embedded::nginx_schema_json); }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    return nginx::expand_nginx(section, context, diagnostics);
  }

  /// What says how the living host stood to it is no wish.
  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& kept) const override {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = key.kind;
    declaration->name = key.name;
    declaration->attributes = attributes;
    if (!attributes.empty()) declaration->attributes.set("live", true);
    if (attributes.find("wins") != nullptr) declaration->attributes.set("wins", true);
    if (!nginx::parse_pattern(attributes.text("like"))) declaration->attributes.remove("like");
    auto plan = std::make_shared<nginx::NginxPlan>();
    const auto file = attributes.text("file");
    const auto place = kept.find(file);
    if (place != kept.end() && attributes.text("stands_in") == file)
      plan->kept[std::string(file)] = place->second;
    declaration->payload = std::move(plan);
    return declaration;
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& /*options*/) const override {
    Probe probe;
    nginx::ask_site(probe, subjects);
    return probe;
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    const nginx::Reader reader(subjects, nginx::parse_site(answers), options.declared);
    Reading reading;
    for (const auto& subject : subjects) reading.findings.push_back(reader.finding(subject));
    reading.remarks = reader.remarks();
    return reading;
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& /*context*/) const override {
    return nginx::steps_for(changes);
  }
};

}  // namespace

std::unique_ptr<Provider> make_nginx_provider(const ProviderContext& /*context*/) {
  return std::make_unique<NginxProvider>();
}

}  // namespace tidelock
