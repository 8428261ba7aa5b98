#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/redis/instance.hpp"

namespace tidelock::redis {

/// The setting that is changed where the instance is started: users move from its configuration to a file of
/// their own. A plan writes both files; whoever runs the instance restarts it, and until then users and
/// settings stay as they are.
inline constexpr std::string_view aclfile_setting = "aclfile";

/// Why users and settings are not changed meanwhile.
inline constexpr std::string_view restart_is_owed =
    "the configuration of redis names an aclfile that it does not have yet: restart redis first";
inline constexpr std::string_view move_comes_first =
    "the users of redis move to an aclfile first: apply that, and restart redis";

/// The move is declared, and the instance does not have that file yet. Null where it is not.
[[nodiscard]] const Declaration* declared_move(std::span<const Subject> subjects, const Instance& instance);
/// The configuration names an aclfile, and the instance that runs has none: it was not restarted since.
[[nodiscard]] bool awaits_restart(const Instance& instance);

[[nodiscard]] Finding move_finding(const Subject& subject, const Instance& instance,
                                   std::shared_ptr<const Found> found);
[[nodiscard]] Step move_step(const Change& change, std::size_t serves, const Found& found);

}  // namespace tidelock::redis
