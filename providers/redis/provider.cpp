#include "providers/redis/provider.hpp"

#include <array>
#include <iterator>

#include "providers/redis/acl_users/declare.hpp"
#include "providers/redis/acl_users/reading.hpp"
#include "providers/redis/config/declare.hpp"
#include "providers/redis/config/reading.hpp"
#include "providers/redis/expand.hpp"
#include "providers/redis/inquiry.hpp"
#include "providers/redis/instance.hpp"
#include "providers/redis/keys/declare.hpp"
#include "providers/redis/keys/reading.hpp"
#include "providers/redis/saving.hpp"
#include "providers/redis/schema.json.hpp"
#include "providers/redis/stepping.hpp"

namespace tidelock {
namespace {

/// It is nothing that anybody makes or deletes.
Finding instance_finding(const Subject& subject, const redis::Instance& instance) {
  Finding finding;
  finding.observation = Present{};
  if (subject.leaving) return finding;
  if (!instance.fault().empty()) finding.observation = Unknown{instance.fault()};
  if (instance.connection() != nullptr) finding.memory = redis::to_memory(redis::memory_for(instance));
  return finding;
}

constexpr std::chrono::seconds patience{30};

/// What the first answer leaves open: a file that its replies did not name; all of it, where only the ledger,
/// which was not known yet, tells how to reach the instance.
std::optional<Probe> question_left(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                                   const redis::Instance& instance) {
  const bool nothing_yet = answers.size() == 1 && answers.front().records.empty();
  if (nothing_yet && instance.connection() != nullptr)
    return Probe{{redis::question(subjects, *instance.connection())}, patience};
  const std::size_t most_answers = answers.front().records.empty() ? 2 : 1;
  if (!instance.fault().empty() || answers.size() > most_answers) return std::nullopt;
  auto paths = redis::saved_paths(instance, subjects);
  std::erase_if(paths, [&](const std::string& path) { return instance.file(path) != nullptr; });
  if (paths.empty()) return std::nullopt;
  return Probe{{redis::files_question(subjects, paths)}, patience};
}

class RedisProvider final : public Provider {
 public:
  [[nodiscard]] std::string_view family() const override { return "redis"; }

  [[nodiscard]] std::span<const std::string_view> kinds() const override {
    static constexpr std::array<std::string_view, 4> kinds{redis::user_kind, redis::config_kind,
                                                           redis::instance_kind, redis::key_kind};
    return kinds;
  }

  [[nodiscard]] SchemaFragment schema() const override { return parse_fragment(embedded::redis_schema_json); }

  [[nodiscard]] std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                                              Diagnostics& diagnostics) const override {
    return redis::expand(section, context, diagnostics);
  }

  [[nodiscard]] DeclarationPtr recall(const ResourceKey& key, const Attributes& attributes,
                                      const KeptPaths& /*kept*/) const override {
    auto declaration = key.kind == redis::user_kind     ? redis::recall_user(attributes)
                       : key.kind == redis::config_kind ? redis::recall_setting(attributes)
                       : key.kind == redis::key_kind    ? redis::recall_key(attributes)
                                                        : std::make_shared<Declaration>();
    declaration->kind = key.kind;
    declaration->name = key.name;
    return declaration;
  }

  [[nodiscard]] std::optional<Probe> probe(std::span<const Subject> subjects,
                                           const ProbeOptions& options) const override {
    const auto connection = redis::connection_for(subjects, options);
    if (connection == nullptr) return Probe{};
    return Probe{{redis::question(subjects, *connection)}, patience};
  }

  [[nodiscard]] Reading read(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options) const override {
    const redis::Instance instance(subjects, answers, redis::connection_for(subjects, options));
    const auto found = redis::found_for(instance);
    const redis::UserReader users(subjects, instance, found);
    const redis::SettingReader settings(subjects, instance, users, found);
    const redis::KeyReader keys(instance, found);
    Reading reading;
    for (const auto& subject : subjects)
      reading.findings.push_back(redis::is_kind(subject, redis::user_kind)     ? users.finding(subject)
                                 : redis::is_kind(subject, redis::config_kind) ? settings.finding(subject)
                                 : redis::is_kind(subject, redis::key_kind)
                                     ? keys.finding(subject)
                                     : instance_finding(subject, instance));
    reading.remarks = users.remarks();
    std::ranges::move(settings.remarks(), std::back_inserter(reading.remarks));
    reading.question = question_left(subjects, answers, instance);
    return reading;
  }

  [[nodiscard]] std::vector<Step> steps(std::span<const Change* const> changes,
                                        const StepContext& /*context*/) const override {
    return redis::steps_for(changes);
  }
};

}  // namespace

std::unique_ptr<Provider> make_redis_provider(const ProviderContext& /*context*/) {
  return std::make_unique<RedisProvider>();
}

}  // namespace tidelock
