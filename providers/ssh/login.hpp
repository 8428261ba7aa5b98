#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include "engine/base/deadline.hpp"
#include "engine/base/result.hpp"
#include "providers/ssh/client.hpp"
#include "providers/ssh/identity.hpp"
#include "providers/ssh/keyring.hpp"
#include "providers/ssh/route.hpp"

namespace tidelock::ssh {

/// The host would take this key, but a person must give its passphrase first. Nobody is asked while a
/// connection waits: hosts drop those that do not log in soon.
struct PassphraseWanted {
  Identity identity;
};

using LoginOutcome = std::variant<LoginKey, PassphraseWanted>;

/// Logs in with the first key that the host takes: the route's identities that an agent holds, their files,
/// the other keys of the agent (unless the route wants its identities only), and last those that need a
/// passphrase.
[[nodiscard]] Result<LoginOutcome> log_in(Client& client, const Route& route, IdentityCache& identities,
                                          Keyring& keyring, Deadline deadline);

}  // namespace tidelock::ssh
