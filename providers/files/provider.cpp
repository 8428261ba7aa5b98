#include "providers/files/provider.hpp"

#include <array>

#include "providers/files/expand.hpp"
#include "providers/files/probing.hpp"
#include "providers/files/recall.hpp"
#include "providers/files/schema.json.hpp"
#include "providers/files/stepping.hpp"

namespace tidelock {
namespace {

class FilesProvider final : public Provider {
 public:
  explicit FilesProvider(const ProviderContext& context) : digests_(context.cache / "digests.json") {
    if (context.rehash) digests_.clear();
  }

  [[nodiscard]] std::string_view family() const override { return "files"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 3> kinds{"directory", "file", "image"};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override { return parse_fragment(embedded::files_schema_json); }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    auto placements = files::expand_section(section, context, digests_, diagnostics);
    digests_.save();
    return placements;
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      std::string_view kept) const override {
    return files::recall(key, attributes, kept);
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& /*options*/) const override {
    return files::first_probe(subjects);
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    return files::read_answers(subjects, answers, options);
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& context) const override {
    return files::steps_for(changes, context);
  }

 private:
  mutable files::SourceDigests digests_;  // a memory, not a state: answers do not depend on it
};

}  // namespace

std::unique_ptr<Provider> make_files_provider(const ProviderContext& context) {
  return std::make_unique<FilesProvider>(context);
}

}  // namespace tidelock
