#include "providers/redis/config/reading.hpp"

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/redis/config/aclfile.hpp"
#include "providers/redis/config/declare.hpp"
#include "providers/redis/inquiry.hpp"
#include "providers/redis/saving.hpp"

namespace tidelock::redis {
Finding SettingReader::finding(const Subject& subject) const {
  Finding finding;
  const auto& declaration = *subject.declaration;
  std::string reason = instance_.fault();
  const auto label = "config:" + declaration.name;
  if (reason.empty()) (void)instance_.good_reply(label, reason);
  if (!reason.empty()) {
    finding.observation = Unknown{std::move(reason)};
    return finding;
  }
  if (declaration.name == aclfile_setting) {
    auto move = move_finding(subject, instance_, found_);
    if (auto text = users_.disagreement(); !text.empty() && !move.obstacle)
      move.obstacle = Obstacle{text, {}};
    return move;
  }
  const auto live = instance_.setting(label);
  finding.fingerprint = sha256_hex(live.value_or("") + '\n' + instance_.configuration_path());
  finding.payload = found_;
  finding.memory = to_memory(memory_for(instance_));
  finding.before_images = images_of(instance_, instance_.configuration_path());
  if (auto text = obstacle(declaration); !text.empty()) finding.obstacle = Obstacle{std::move(text), {}};
  if (!live) {
    finding.observation = Absent{};
    return finding;
  }
  const auto declared = std::string(declaration.attributes.text("value"));
  finding.observation = Present{{{"saved", is_saved(declaration.name, *live)},
                                 {"value", same_setting(declared, *live) ? declared : *live}}};
  return finding;
}

std::string SettingReader::obstacle(const Declaration& declaration) const {
  if (!instance_.setting("config:" + declaration.name))
    return fmt::format("Redis {} has no setting {}", printable(instance_.info("redis_version")),
                       shown(declaration.name));
  if (is_fixed(declaration.name))
    return fmt::format("{} can only be set where redis is started, and Tidelock does not restart it",
                       declaration.name);
  if (awaits_restart(instance_)) return std::string(restart_is_owed);
  if (declared_move(subjects_, instance_) != nullptr) return std::string(move_comes_first);
  return saving_obstacle(instance_, instance_.configuration_path());
}

/// A file that says nothing of it leaves it to the default, and CONFIG REWRITE writes no default down.
bool SettingReader::is_saved(const std::string& name, const std::string& live) const {
  const auto* file = instance_.file(instance_.configuration_path());
  if (file == nullptr || file->state != "file") return true;
  const auto value = value_in_file(file->text, name);
  return !value || same_setting(*value, live);
}

std::vector<std::string> SettingReader::remarks() const {
  if (instance_.fault().empty() && awaits_restart(instance_))
    return {
        "Redis takes its users from the aclfile in its configuration when somebody restarts it; nothing here "
        "does."};
  const bool lost = instance_.fault().empty() && instance_.configuration_path().empty() &&
                    any_of_kind(subjects_, config_kind);
  if (!lost) return {};
  return {"Redis was started without a configuration file: its settings are gone when it stops."};
}

}  // namespace tidelock::redis
