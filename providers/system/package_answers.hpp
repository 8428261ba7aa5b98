#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"

namespace tidelock::system {

enum class PackageState : std::uint8_t { absent, installed, half_installed };

struct InstalledPackage {
  PackageState state = PackageState::absent;
  std::vector<std::string> versions;  ///< several where the manager allows it
  bool held = false;
};

/// What apt would do if it were asked to.
struct Trial {
  std::vector<std::string> installs, removes;
  std::string refusal;  ///< its first complaint; empty when it would do it
};

/// The records about packages, understood. What is missing was not answered, or made no sense.
struct PackageAnswers {
  std::string manager;  ///< apt, dnf or none; empty when nobody said
  std::map<std::string, InstalledPackage, std::less<>> installed;
  bool has_lists = false;
  /// By package, the versions that can be had, best first.
  std::optional<std::map<std::string, std::vector<std::string>, std::less<>>> candidates;
  std::map<std::string, Trial, std::less<>> trials;  ///< by "install" and "remove"
};

[[nodiscard]] PackageAnswers parse_package_answers(std::span<const ProbeOutput> outputs);

}  // namespace tidelock::system
