#include "providers/slurm/provider.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "providers/slurm/accounting/book.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/accounting/expand.hpp"
#include "providers/slurm/accounting/fields.hpp"
#include "providers/slurm/accounting/reading.hpp"
#include "providers/slurm/accounting/stepping.hpp"
#include "providers/slurm/answers.hpp"
#include "providers/slurm/conf/expand.hpp"
#include "providers/slurm/conf/fields.hpp"
#include "providers/slurm/conf/kinds.hpp"
#include "providers/slurm/conf/reading.hpp"
#include "providers/slurm/conf/settling.hpp"
#include "providers/slurm/conf/stepping.hpp"
#include "providers/slurm/controller_book.hpp"
#include "providers/slurm/facts.hpp"
#include "providers/slurm/schema.json.hpp"
#include "providers/slurm/templates/expand.hpp"
#include "providers/slurm/templates/reading.hpp"
#include "providers/slurm/templates/stepping.hpp"
#include "providers/slurm/templates/template.hpp"

namespace tidelock {
namespace {

void add_properties(SchemaFragment& fragment, std::string_view definition, auto fields) {
  auto& properties = fragment.definitions[std::string(definition)]["properties"];
  for (const auto& field : fields) properties[std::string(field.key)] = slurm::property_of(field);
}

/// Other hosts have files of the configuration, and nothing else.
bool is_controller(std::span<const Subject> subjects) {
  return std::ranges::any_of(subjects, [](const Subject& subject) {
    const auto* plan = slurm::files_plan(*subject.declaration);
    return subject.declaration->kind != slurm::files_kind || (plan != nullptr && plan->lead);
  });
}

class SlurmProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "slurm"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 10> kinds{
        "slurm_account", "slurm_association",  "slurm_cluster", "slurm_config",    "slurm_files",
        "slurm_node",    "slurm_job_template", "slurm_qos",     "slurm_partition", "slurm_user"};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override {
    auto fragment = parse_fragment(embedded::slurm_schema_json);
    add_properties(fragment, "slurm_qos", slurm::qos_fields());
    add_properties(fragment, "slurm_user", slurm::user_fields());
    for (const auto* definition : {"slurm_account", "slurm_association", "slurm_cluster"})
      add_properties(fragment, definition, slurm::association_fields());
    add_properties(fragment, "slurm_partition", slurm::partition_fields());
    add_properties(fragment, "slurm_node", slurm::node_fields());
    return fragment;
  }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    auto placements = slurm::expand_accounting(section, context, diagnostics);
    std::ranges::move(slurm::expand_conf(section, context, diagnostics), std::back_inserter(placements));
    std::ranges::move(slurm::expand_templates(section, context, diagnostics), std::back_inserter(placements));
    return placements;
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& kept) const override {
    if (key.kind == slurm::template_kind) return slurm::recall_template(key, attributes, kept);
    if (slurm::is_conf_kind(key.kind)) return slurm::recall_conf(key, attributes, kept);
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
    if (slurm::is_conf_kind(declaration.kind)) return slurm::reset_conf(declaration, applied);
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

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& /*options*/) const override {
    Probe probe{.scripts = {}, .limit = std::chrono::seconds(90)};
    if (is_controller(subjects)) {
      slurm::ask_accounting(probe);
      slurm::ask_controller(probe);
    }
    slurm::ask_conf(probe, subjects);
    slurm::ask_templates(probe, subjects);
    return probe;
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    const slurm::Answers parts(answers);
    const slurm::Book book(parts.first("accounting"));
    const slurm::ControllerBook controller(parts.first("controller"), parts.second("jobs"));
    const slurm::AccountingReader accounting(subjects, book, controller, options);
    const slurm::TemplateReader templates(subjects, parts,
                                          slurm::facts_of(book, controller, options.declared), options);
    const slurm::ConfReader conf(subjects, parts, controller, options);
    Reading reading;
    for (const auto& subject : subjects) {
      const auto& kind = subject.declaration->kind;
      reading.findings.push_back(kind == slurm::template_kind ? templates.finding(subject)
                                 : slurm::is_conf_kind(kind)  ? conf.finding(subject)
                                                              : accounting.finding(subject));
    }
    if (!is_controller(subjects)) return reading;
    reading.extras = accounting.extras();
    std::ranges::move(conf.extras(), std::back_inserter(reading.extras));
    reading.remarks = accounting.remarks();
    std::ranges::move(conf.remarks(), std::back_inserter(reading.remarks));
    reading.away = controller.away();
    std::ranges::move(templates.remarks(), std::back_inserter(reading.remarks));
    if (answers.size() > 1) return reading;
    Probe question;
    if ((accounting.needs_jobs() || conf.needs_jobs()) && controller.answers()) slurm::ask_jobs(question);
    templates.ask_texts(question, reading.findings);
    if (!question.scripts.empty()) reading.question = std::move(question);
    return reading;
  }

  void settle(std::span<Sight> group) const override { slurm::settle_conf(group); }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& /*context*/) const override {
    std::vector<Step> steps;
    slurm::add_accounting_step(steps, changes);
    slurm::add_conf_steps(steps, changes);
    slurm::add_template_steps(steps, changes);
    return steps;
  }
};

}  // namespace

std::unique_ptr<Provider> make_slurm_provider(const ProviderContext& /*context*/) {
  return std::make_unique<SlurmProvider>();
}

}  // namespace tidelock
