#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/declaration.hpp"
#include "engine/model/observation.hpp"

namespace tidelock {

enum class Action : std::uint8_t { no_op, create, update, remove, replace, blocked };

/// Why a change is needed: which of manifest, ledger and living host differ.
enum class Cause : std::uint8_t {
  none,      ///< nothing differs
  fresh,     ///< not in the ledger and absent: "new"
  manifest,  ///< the manifest says something else than it did when last applied
  drift,     ///< the living host is not what was last applied
  both,      ///< manifest and host both moved
  orphan,    ///< in the ledger, no longer declared
  adopt,     ///< not in the ledger and present, but different
};

[[nodiscard]] std::string_view to_string(Action action);
/// The words of the JSON plan: "new", "manifest", "drift", "both", "orphan", "adopt"; empty for none.
[[nodiscard]] std::string_view to_string(Cause cause);
[[nodiscard]] std::optional<Cause> parse_cause(std::string_view word);

/// One planned action on one resource of one host.
struct Change {
  std::string host;
  DeclarationPtr declaration;  ///< for an orphan, what the ledger remembers of it
  Action action = Action::no_op;
  Cause cause = Cause::none;

  /// What was there; none when it was absent. For a no-op this equals `after` and is not kept twice.
  std::optional<Attributes> before;
  /// Names of declared attributes that differ; all of them for a create.
  std::vector<std::string> changed;
  std::string blocked_because;  ///< for Action::blocked: what is in the way and what to do
  std::string text_diff;        ///< what changes inside, for people; never a secret
  std::string fingerprint;      ///< of what was observed
  std::string memory;           ///< what the provider wants to know next time
  std::uint64_t bytes_to_send = 0;
  std::vector<BeforeImage> before_images;  ///< what the host keeps before the change
  std::vector<Disturbance> disturbs;
  std::string irreversible;                ///< Finding::irreversible
  std::string approval;                    ///< Finding::approval
  std::shared_ptr<const Payload> payload;  ///< Finding::payload
  /// No longer declared, and not ours to delete: the ledger forgets it, and it stays as it is.
  bool released = false;
  /// No longer declared, and protected: it stays, and that is how it should be.
  bool kept = false;
  /// Indices of changes in the same plan that come first.
  std::vector<std::uint32_t> after;
  /// On a shared file system, and some other host writes it: here it is only checked, after that host's
  /// change.
  bool checked_only = false;

  /// Something is to be done about it and cannot be.
  [[nodiscard]] bool is_stuck() const { return action == Action::blocked && cause != Cause::none && !kept; }

  [[nodiscard]] bool writes() const {
    return action == Action::create || action == Action::update || action == Action::remove ||
           action == Action::replace;
  }
};

}  // namespace tidelock
