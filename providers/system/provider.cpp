#include "providers/system/provider.hpp"

#include <array>

#include "providers/system/account_expand.hpp"
#include "providers/system/account_reading.hpp"
#include "providers/system/account_stepping.hpp"
#include "providers/system/package_reading.hpp"
#include "providers/system/package_stepping.hpp"
#include "providers/system/recall.hpp"
#include "providers/system/schema.json.hpp"
#include "providers/system/service_expand.hpp"
#include "providers/system/service_reading.hpp"
#include "providers/system/service_stepping.hpp"

namespace tidelock {
namespace {

class SystemProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "system"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 4> kinds{"group", "package", "service", "user"};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override {
    return parse_fragment(embedded::system_schema_json);
  }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    if (section.name == "groups") return system::expand_groups(section, context, diagnostics);
    if (section.name == "services") return system::expand_services(section, context, diagnostics);
    if (section.name == "packages") return system::expand_packages(section, diagnostics);
    return system::expand_users(section, context, diagnostics);
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& kept) const override {
    return system::recall(key, attributes, kept);
  }

  void check(const Graph& graph, Diagnostics& diagnostics) const override {
    system::check_numbers(graph, diagnostics);
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& /*options*/) const override {
    Probe probe;
    system::ask_accounts(probe, subjects);
    system::ask_packages(probe, subjects);
    system::ask_services(probe, subjects);
    if (probe.scripts.empty()) return std::nullopt;
    return probe;
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    const system::AccountReader accounts(subjects, answers);
    const system::PackageReader packages(subjects, answers);
    const system::ServiceReader services(subjects, answers, options);
    Reading reading;
    for (const auto& subject : subjects) {
      const auto& kind = subject.declaration->kind;
      reading.findings.push_back(kind == "package"   ? packages.finding(subject)
                                 : kind == "service" ? services.finding(subject)
                                                     : accounts.finding(subject));
    }
    Probe question;
    if (answers.size() == 1) accounts.add_question(question, reading.findings);
    if (answers.size() == 1) services.add_question(question);
    packages.add_question(question);
    if (!question.scripts.empty()) reading.question = std::move(question);
    return reading;
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& /*context*/) const override {
    std::vector<Step> steps;
    system::add_account_steps(steps, changes);
    system::add_package_steps(steps, changes);
    system::add_service_steps(steps, changes);
    return steps;
  }
};

}  // namespace

std::unique_ptr<Provider> make_system_provider(const ProviderContext& /*context*/) {
  return std::make_unique<SystemProvider>();
}

}  // namespace tidelock
