#include "providers/slurm/provider.hpp"

#include <array>

#include "providers/slurm/accounting_book.hpp"
#include "providers/slurm/accounting_expand.hpp"
#include "providers/slurm/accounting_reading.hpp"
#include "providers/slurm/accounting_stepping.hpp"
#include "providers/slurm/entity.hpp"
#include "providers/slurm/fields.hpp"
#include "providers/slurm/schema.json.hpp"

namespace tidelock {
namespace {

void add_properties(SchemaFragment& fragment, std::string_view definition,
                    std::span<const slurm::Field> fields) {
  auto& properties = fragment.definitions[std::string(definition)]["properties"];
  for (const auto& field : fields) properties[std::string(field.key)] = slurm::property_of(field);
}

class SlurmProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "slurm"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 5> kinds{"slurm_account", "slurm_association",
                                                           "slurm_cluster", "slurm_qos", "slurm_user"};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override {
    auto fragment = parse_fragment(embedded::slurm_schema_json);
    add_properties(fragment, "slurm_qos", slurm::qos_fields());
    add_properties(fragment, "slurm_user", slurm::user_fields());
    for (const auto* definition : {"slurm_account", "slurm_association", "slurm_cluster"})
      add_properties(fragment, definition, slurm::association_fields());
    return fragment;
  }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    return slurm::expand_accounting(section, context, diagnostics);
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& /*kept*/) const override {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = key.kind;
    declaration->name = key.name;
    for (const auto& [name, value] : attributes)
      if (slurm::find_field(key.kind, name) != nullptr) declaration->attributes.set(name, value);
    declaration->after = slurm::needs_of(*declaration);
    return declaration;
  }

  /// Texts stay, and so does a user's default account: it needs one.
  [[nodiscard]] Attributes reset(const Declaration& declaration, const Attributes& applied) const override {
    Attributes attributes;
    for (const auto& [name, value] : applied) {
      const auto* field = slurm::find_field(declaration.kind, name);
      if (field == nullptr || field->form == slurm::Form::text || name == "default_account") continue;
      auto initial = slurm::initial_value(*field);
      // Above the whole cluster there is nothing to take a list from.
      if (declaration.kind == "slurm_cluster" && name == "qos") initial = std::vector<std::string>{"normal"};
      if (declaration.attributes.find(name) != nullptr || value == initial) continue;
      attributes.set(name, std::move(initial));
    }
    return attributes;
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> /*subjects*/,
                                           const ProbeOptions& /*options*/) const override {
    Probe probe{.scripts = {}, .limit = std::chrono::seconds(60)};
    slurm::ask_accounting(probe);
    return probe;
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    const slurm::Book book(answers);
    const slurm::AccountingReader reader(subjects, book, options);
    Reading reading;
    for (const auto& subject : subjects) reading.findings.push_back(reader.finding(subject));
    reading.extras = reader.extras();
    if (answers.size() == 1 && reader.needs_jobs()) {
      reading.question.emplace();
      slurm::ask_jobs(*reading.question);
    }
    return reading;
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& /*context*/) const override {
    std::vector<Step> steps;
    slurm::add_accounting_step(steps, changes);
    return steps;
  }
};

}  // namespace

std::unique_ptr<Provider> make_slurm_provider(const ProviderContext& /*context*/) {
  return std::make_unique<SlurmProvider>();
}

}  // namespace tidelock
