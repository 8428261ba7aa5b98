#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/secret.hpp"
#include "engine/model/declaration.hpp"

namespace tidelock::system {

/// What is ours of a service: its unit, a drop-in for a unit of others, or only whether it runs.
enum class ServiceForm : std::uint8_t { state, unit, drop_in };

/// What a service is made with besides its attributes.
struct ServicePlan final : Payload {
  std::string text;               ///< of the unit or the drop-in
  std::optional<Secret> secrets;  ///< the environment file
  std::string on_change;          ///< restart, reload or none
  std::optional<std::int64_t> port;
  bool take_over = false;
  std::vector<std::string> health{"none"};  ///< as service_settle takes it
  std::int64_t within = 30;                 ///< seconds
  bool former = false;                  ///< it is what there was before, and comes from what the host keeps
  std::string kept_file, kept_secrets;  ///< where; empty for none
};

[[nodiscard]] inline const ServicePlan* service_plan(const Declaration& declaration) {
  return dynamic_cast<const ServicePlan*>(declaration.payload.get());
}

[[nodiscard]] inline std::string unit_name(const Declaration& declaration) {
  return declaration.name + ".service";
}

/// Also of what the ledger remembers: attributes tell.
[[nodiscard]] inline ServiceForm form_of(const Declaration& declaration) {
  if (declaration.attributes.find("unit") != nullptr) return ServiceForm::unit;
  return declaration.attributes.find("drop_in") != nullptr ? ServiceForm::drop_in : ServiceForm::state;
}

/// The file that is ours; empty where none is.
[[nodiscard]] inline std::string unit_file(const Declaration& declaration) {
  auto unit = "/etc/systemd/system/" + unit_name(declaration);
  switch (form_of(declaration)) {
    case ServiceForm::unit:
      return unit;
    case ServiceForm::drop_in:
      return unit + ".d/tidelock.conf";
    case ServiceForm::state:
      break;
  }
  return {};
}

/// Beside the unit; systemd takes nothing of that ending for a unit.
[[nodiscard]] inline std::string secrets_file(const Declaration& declaration) {
  return "/etc/systemd/system/" + unit_name(declaration) + ".secrets";
}

}  // namespace tidelock::system
