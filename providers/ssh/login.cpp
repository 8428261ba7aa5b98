#include "providers/ssh/login.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/ssh/agent.hpp"

namespace tidelock::ssh {
namespace {

/// A key and the way to sign with it: a private key, an agent, or neither yet.
struct Candidate {
  std::string name;  ///< as messages call it
  std::optional<PublicKey> key;
  std::optional<Identity> identity;    ///< of a key in a file
  std::filesystem::path agent_socket;  ///< of a key in an agent

  [[nodiscard]] bool locked() const { return identity && identity->locked; }
};

/// What signing needs while libssh2 calls us back.
struct Signing {
  const Candidate& candidate;
  const Cancellation& cancel;
  Deadline deadline;
  bool wanted = false;  ///< the host would take the key
  std::optional<Error> error;
};

Result<std::string> sign(const Signing& signing, std::string_view request) {
  const auto& candidate = signing.candidate;
  if (candidate.identity) return candidate.identity->private_key->sign(request);
  auto agent = Agent::connect(candidate.agent_socket, signing.cancel);
  if (!agent) return std::unexpected(agent.error());
  return agent->sign(*candidate.key, request, signing.deadline);
}

/// libssh2 frees it with free(3).
unsigned char* copied(std::string_view bytes) {
  // NOLINTNEXTLINE(*-no-malloc,*-owning-memory)
  auto* memory = static_cast<unsigned char*>(std::malloc(bytes.size()));
  if (memory != nullptr) std::ranges::copy(bytes, memory);
  return memory;
}

int sign_for_libssh2(LIBSSH2_SESSION* /*session*/, unsigned char** signature, std::size_t* size,
                     const unsigned char* data, std::size_t data_size, void** abstract) {
  auto& signing = *static_cast<Signing*>(*abstract);
  signing.wanted = true;
  if (signing.candidate.locked()) return -1;  // this was only to learn whether it is worth a passphrase
  const auto bytes = sign(signing, {reinterpret_cast<const char*>(data), data_size});
  if (!bytes) signing.error = bytes.error();
  *signature = bytes && !bytes->empty() ? copied(*bytes) : nullptr;
  *size = bytes ? bytes->size() : 0;
  return *signature == nullptr ? -1 : 0;
}

/// One login: its candidates in order, and what became of each for the message.
class Attempt {
 public:
  Attempt(Client& client, const Route& route, IdentityCache& identities, Keyring& keyring, Deadline deadline)
      : client_(client), route_(route), identities_(identities), keyring_(keyring), deadline_(deadline) {}

  Result<LoginOutcome> run() {
    look_at_agent();
    for (const auto& file : route_.identities) look_at_file(file);
    if (!route_.identities_only)
      for (const auto& held : agent_keys_)
        if (!is_planned(held.key)) others_.push_back(from_agent(held, *route_.agent));
    for (auto* group : {&held_, &files_, &others_, &locked_})
      for (const auto& candidate : *group)
        if (auto outcome = try_one(candidate)) return std::move(*outcome);
    return refused();
  }

 private:
  void note(std::string_view name, std::string_view what) {
    notes_.push_back(what.starts_with(name) ? std::string(what) : fmt::format("{}: {}", name, what));
  }

  void look_at_agent() {
    if (!route_.agent) return;
    auto agent = Agent::connect(*route_.agent, client_.cancellation());
    auto keys = agent ? agent->keys(deadline_) : std::unexpected(agent.error());
    if (keys)
      agent_keys_ = std::move(*keys);
    else
      note("ssh-agent", keys.error().detail);
  }

  static Candidate from_agent(const AgentKey& held, std::filesystem::path socket) {
    auto name = fmt::format("{} of the agent ({})", shown(held.comment), described(held.key));
    return {std::move(name), held.key, std::nullopt, std::move(socket)};
  }

  [[nodiscard]] const AgentKey* in_agent(const PublicKey& key) const {
    const auto it = std::ranges::find(agent_keys_, key, &AgentKey::key);
    return it == agent_keys_.end() ? nullptr : &*it;
  }

  [[nodiscard]] bool is_planned(const PublicKey& key) const {
    const auto has_key = [&](const Candidate& candidate) { return candidate.key == key; };
    return std::ranges::any_of(held_, has_key) || std::ranges::any_of(files_, has_key);
  }

  void look_at_file(const std::filesystem::path& file) {
    auto identity = identities_.read(file);
    const auto name = shown(file.native());
    if (!identity) {
      // Without configuration ssh tries a few names; that most of them are not there is no news.
      std::error_code ignored;
      if (route_.identities_declared || std::filesystem::exists(file, ignored))
        note(name, identity.error().detail);
      return;
    }
    const auto* held = identity->key ? in_agent(*identity->key) : nullptr;
    if (held != nullptr)
      held_.push_back({name, held->key, std::nullopt, *route_.agent});
    else if (identity->locked)
      look_at_locked(name, std::move(*identity));
    else if (identity->private_key)
      files_.push_back({name, identity->key, std::move(*identity), {}});
    else
      note(name, "only its public half is here, and no agent holds the other");
  }

  void look_at_locked(const std::string& name, Identity identity) {
    const auto opened = keyring_.known(identity.file);
    if (!opened) {
      locked_.push_back({name, identity.key, std::move(identity), {}});
    } else if (*opened) {
      files_.push_back({name, **opened, std::nullopt, keyring_.agent_socket()});
    } else {
      note(name, opened->error().detail);
      closed_ = opened->error();
    }
  }

  /// Why a key is not even shown to the host.
  [[nodiscard]] static std::optional<std::string> useless(const Candidate& candidate) {
    if (!candidate.key) return std::nullopt;
    const auto& type = candidate.key->type;
    if (type == "ssh-rsa" && !has_rsa_sha2())
      return fmt::format("not tried: {} knows RSA with SHA-1 only, which sshd refuses; use an ed25519 key",
                         libssh2_name());
    constexpr std::array<std::string_view, 5> known{"ssh-ed25519", "ecdsa-sha2-nistp256",
                                                    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"};
    if (std::ranges::find(known, type) != known.end()) return std::nullopt;
    return fmt::format("not tried: {} cannot use keys of type {}", libssh2_name(), printable(type));
  }

  /// None: this key was no good, go on with the next.
  std::optional<Result<LoginOutcome>> try_one(const Candidate& candidate) {
    if (auto why = useless(candidate)) {
      note(candidate.name, *why);
      return std::nullopt;
    }
    if (!candidate.key) return LoginOutcome(PassphraseWanted{*candidate.identity});
    Signing signing{candidate, client_.cancellation(), deadline_, false, std::nullopt};
    const auto rc = show(signing);
    if (rc == 0) return LoginOutcome(accepted(candidate));
    if (rc == LIBSSH2_ERROR_EAGAIN || rc == LIBSSH2_ERROR_TIMEOUT)
      return Result<LoginOutcome>(client_.failed(rc, "logging in"));
    if (candidate.locked() && signing.wanted) return LoginOutcome(PassphraseWanted{*candidate.identity});
    if (client_.is_lost()) return Result<LoginOutcome>(thrown_out(candidate));
    note(candidate.name, signing.error ? signing.error->detail : "refused by the host");
    return std::nullopt;
  }

  long show(Signing& signing) {
    const auto& blob = signing.candidate.key->blob;
    void* abstract = &signing;
    return client_.complete(
        [&] {
          return libssh2_userauth_publickey(client_.session(), route_.user.c_str(),
                                            reinterpret_cast<const unsigned char*>(blob.data()), blob.size(),
                                            sign_for_libssh2, &abstract);
        },
        deadline_);
  }

  static LoginKey accepted(const Candidate& candidate) {
    return {*candidate.key, candidate.identity ? candidate.identity->file : "", candidate.agent_socket};
  }

  [[nodiscard]] std::string what_happened() const {
    auto text = described(route_);
    for (const auto& line : notes_) text += "\n" + line;
    if (!route_.agent) text += "\nno ssh-agent: SSH_AUTH_SOCK is not set";
    return text;
  }

  std::unexpected<Error> thrown_out(const Candidate& candidate) {
    note(candidate.name, client_.farewell().empty()
                             ? "the host closed the connection"
                             : "the host closed the connection: " + client_.farewell());
    return failure(
        "Login was refused", what_happened(),
        "Where the host takes only a few tries (MaxAuthTries), name the right key: connection.identity");
  }

  std::unexpected<Error> refused() {
    if (closed_) return failure(closed_->summary, what_happened(), closed_->advice);
    if (notes_.empty()) notes_.emplace_back("there is no key to log in with");
    return failure(
        "Login was refused", what_happened(),
        fmt::format("Put the public half of a key into the authorized_keys of {} on the host, or name the "
                    "right key: connection.identity",
                    printable(route_.user)));
  }

  Client& client_;
  const Route& route_;
  IdentityCache& identities_;
  Keyring& keyring_;
  Deadline deadline_;
  std::vector<AgentKey> agent_keys_;
  std::vector<Candidate> held_, files_, others_, locked_;
  std::vector<std::string> notes_;
  std::optional<Error> closed_;  ///< a key that stayed closed, which is then why the login failed
};

}  // namespace

Result<LoginOutcome> log_in(Client& client, const Route& route, IdentityCache& identities, Keyring& keyring,
                            Deadline deadline) {
  return Attempt(client, route, identities, keyring, deadline).run();
}

}  // namespace tidelock::ssh
