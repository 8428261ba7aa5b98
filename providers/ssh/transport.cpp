#include "providers/ssh/transport.hpp"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "engine/base/text.hpp"
#include "providers/ssh/address.hpp"
#include "providers/ssh/client.hpp"
#include "providers/ssh/host_key.hpp"
#include "providers/ssh/keyring.hpp"
#include "providers/ssh/local_session.hpp"
#include "providers/ssh/login.hpp"
#include "providers/ssh/private_folder.hpp"
#include "providers/ssh/route.hpp"
#include "providers/ssh/ssh_session.hpp"

namespace tidelock {
namespace ssh {
namespace {

class SshTransport final : public Transport {
 public:
  SshTransport(const Connection& connection, SshOptions options, const Cancellation& cancel)
      : connection_(connection),
        cancel_(cancel),
        router_(connection, current_user(), std::move(options.configuration)),
        keyring_(std::move(options.prompt), std::move(options.program), folder_, cancel) {}

  Result<std::unique_ptr<Session>> connect(const ClusterNode& node, Deadline deadline) override {
    const auto route = router_.route(node, deadline, cancel_);
    if (!route) return std::unexpected(route.error());
    const auto endpoints = resolve(route->host, deadline, cancel_);
    if (!endpoints) return std::unexpected(endpoints.error());
    if (is_local(node, *endpoints)) {
      spdlog::info("{}: it is this machine, and needs no login", node.name);
      return std::make_unique<LocalSession>(node.name, router_.user().name, shell_here(), cancel_);
    }
    return log_in_to(*route, *endpoints, deadline);
  }

 private:
  /// Whether a node is the machine we run on and may be reached without a connection. A port means that sshd
  /// is wanted. Without `become` it also matters who we are.
  [[nodiscard]] bool is_local(const ClusterNode& node, const std::vector<Endpoint>& endpoints) const {
    const bool same_user = connection_.user.value_or(router_.user().name) == router_.user().name;
    return !node.port && (same_user || connection_.become == Become::sudo) && is_this_machine(endpoints);
  }

  [[nodiscard]] std::vector<std::string> shell_here() const {
    if (connection_.become == Become::sudo && geteuid() != 0) return {"sudo", "-n", "--", "/bin/sh", "-s"};
    return {"/bin/sh", "-s"};
  }

  /// Logs in; where a key needs its passphrase first, asks for it between two connections. What a person
  /// takes to type does not count.
  Result<std::unique_ptr<Session>> log_in_to(const Route& route, const std::vector<Endpoint>& endpoints,
                                             Deadline deadline) {
    for (;;) {
      const auto begun = Clock::now();
      auto client = greet(route, endpoints, deadline);
      if (!client) return std::unexpected(client.error());
      auto outcome = log_in(**client, route, identities_, keyring_, deadline);
      if (!outcome) return std::unexpected(outcome.error());
      if (auto* key = std::get_if<LoginKey>(&*outcome)) {
        tell(route, key->key, Clock::now() - begun);
        return std::make_unique<SshSession>(std::move(*client), route, std::move(*key), connection_.become,
                                            folder_);
      }
      client->reset();
      const auto before = Clock::now();
      std::ignore =
          keyring_.open(std::get<PassphraseWanted>(*outcome).identity);  // the next login sees the result
      deadline = Deadline::at(deadline.moment() + (Clock::now() - before));
    }
  }

  static void tell(const Route& route, const PublicKey& key, Clock::duration took) {
    spdlog::info("{}: logged in with {} in {} ms", described(route), described(key),
                 std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
  }

  /// A connection to the host, known to be the right one.
  Result<std::shared_ptr<Client>> greet(const Route& route, const std::vector<Endpoint>& endpoints,
                                        Deadline deadline) {
    auto connection = connect_tcp(endpoints, route.port, described(route), deadline, cancel_);
    if (!connection) return std::unexpected(connection.error());
    const auto known = known_hosts_.read(route.known_hosts);
    auto client = std::make_shared<Client>(std::move(*connection), described(route), cancel_);
    const auto types = key_types(known->hosts, route.host_names());
    if (auto greeted = client->shake_hands(types, deadline); !greeted)
      return std::unexpected(greeted.error());
    const HostKeyQuestion question{route, *known, has_rsa_sha2(), libssh2_name()};
    if (auto refused = refusal(question, client->host_key())) return std::unexpected(std::move(*refused));
    return client;
  }

  Connection connection_;
  const Cancellation& cancel_;
  Router router_;
  KnownHostsCache known_hosts_;
  IdentityCache identities_;
  PrivateFolder folder_;
  Keyring keyring_;
};

}  // namespace
}  // namespace ssh

SshLibrary::SshLibrary() {
  if (libssh2_init(0) != 0) std::abort();  // nothing can be reached without it
}

SshLibrary::~SshLibrary() { libssh2_exit(); }

std::unique_ptr<Transport> make_ssh_transport(const Connection& connection, SshOptions options,
                                              const Cancellation& cancel) {
  return std::make_unique<ssh::SshTransport>(connection, std::move(options), cancel);
}

}  // namespace tidelock
