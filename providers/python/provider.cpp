#include "providers/python/provider.hpp"

#include <array>

#include "engine/base/source_digests.hpp"
#include "providers/common/releases.hpp"
#include "providers/python/expand.hpp"
#include "providers/python/probing.hpp"
#include "providers/python/schema.json.hpp"
#include "providers/python/stepping.hpp"

namespace tidelock {
namespace {

class PythonProvider final : public Provider {
 public:
  explicit PythonProvider(const ProviderContext& context) : digests_(context.cache / "wheels.json") {
    if (context.rehash) digests_.clear();
  }

  [[nodiscard]] std::string_view family() const override { return "python"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 1> kinds{"python_venv"};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override {
    return parse_fragment(embedded::python_schema_json);
  }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& /*context*/,
                                              Diagnostics& diagnostics) const override {
    auto placements = python::expand_venvs(section, digests_, diagnostics);
    digests_.save();
    return placements;
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& kept) const override {
    if (auto former = recall_release(key, attributes, kept)) return former;
    return python::recall_venv(key, attributes);
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& /*options*/) const override {
    return python::first_venv_probe(subjects);
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    return python::read_venvs(subjects, answers, options);
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& context) const override {
    return python::venv_steps(changes, context);
  }

 private:
  mutable SourceDigests digests_;  // a memory, not a state: answers do not depend on it
};

}  // namespace

std::unique_ptr<Provider> make_python_provider(const ProviderContext& context) {
  return std::make_unique<PythonProvider>(context);
}

}  // namespace tidelock
