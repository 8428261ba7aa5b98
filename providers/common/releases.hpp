#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/declaration.hpp"
#include "engine/model/provider.hpp"

namespace tidelock {

// What lives in releases: a path that is a symbolic link to one of the folders in PATH.releases. releases.sh
// says how they are made.

/// The folder in which the releases of a path are: beside it.
[[nodiscard]] std::string releases_of(std::string_view path);

/// "12-1f2e3d4c5b6a": a number that grows, and the beginning of a digest.
[[nodiscard]] bool is_release_name(std::string_view name);

/// The path of the release that the link at `path` leads to; none for a link that is not ours.
[[nodiscard]] std::optional<std::string> release_behind(std::string_view path, std::string_view link);

/// A release that was live before: for bringing it back.
struct FormerRelease final : Payload {
  std::string kept;  ///< where the host keeps it; empty when it does not
};

[[nodiscard]] inline const FormerRelease* former_release(const Declaration& declaration) {
  return dynamic_cast<const FormerRelease*>(declaration.payload.get());
}

/// The release that was live, from the attribute `release`; that is all that counts of it. Null where nothing
/// is known of one.
[[nodiscard]] DeclarationPtr recall_release(const ResourceKey& key, const Attributes& attributes,
                                            const KeptPaths& kept);

/// What a former release has in its way, when `there` says whether the host has it still.
[[nodiscard]] std::optional<Obstacle> former_obstacle(const Declaration& declaration, bool there);

/// A function of releases.sh; or one of a family's own text that calls those, when it is given `with` that.
[[nodiscard]] Script release_script(ShellText function, const Declaration& declaration);

/// Makes a folder for what is to be uploaded.
[[nodiscard]] Step stage_step(std::size_t serves, const Declaration& declaration, const StepContext& context,
                              std::string_view stage);
[[nodiscard]] Step delete_step(std::size_t serves, const Declaration& declaration);
[[nodiscard]] Step bring_back_step(std::size_t serves, const Declaration& declaration);

}  // namespace tidelock
