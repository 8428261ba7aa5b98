#include "providers/redis/expand.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/keys.hpp"
#include "providers/redis/acl_users/declare.hpp"
#include "providers/redis/config/declare.hpp"
#include "providers/redis/connection.hpp"
#include "providers/redis/keys/declare.hpp"

namespace tidelock::redis {
namespace {

bool is_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  constexpr int most = 65535;
  int number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool plain = std::ranges::all_of(host, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("[]:.-_%").contains(c);
  });
  return plain && !host.starts_with('-') && parsed.ec == std::errc{} &&
         parsed.ptr == port.data() + port.size() && number > 0 && number <= most;
}

class Expander {
 public:
  Expander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : body_(section.body), context_(context), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    if (!find_node()) return {};
    connect();
    add(std::make_shared<Declaration>(), instance_kind, connection_->address, body_.at());
    for (const auto& entry : entries("acl_users"))
      add(declare_user(entry, context_, diagnostics_), user_kind, entry.key, entry.key_at);
    for (const auto& entry : entries("config"))
      add(declare_setting(entry, diagnostics_), config_kind, entry.key, entry.key_at);
    for (const auto& entry : entries("keys"))
      add(declare_key(entry, diagnostics_), key_kind, entry.key, entry.key_at);
    return std::move(placements_);
  }

 private:
  [[nodiscard]] std::span<const Node::Entry> entries(std::string_view section) const {
    const auto* node = body_.find(section);
    return node == nullptr ? std::span<const Node::Entry>{} : node->entries();
  }

  bool find_node() {
    const auto* on = body_.find("on");
    if (on == nullptr) return false;
    node_ = on->text();
    return names_node(*on, context_.manifest, diagnostics_);
  }

  void connect() {
    auto connection = std::make_shared<Connection>();
    const auto* address = body_.find("address");
    const auto* socket = body_.find("socket");
    if (address != nullptr && socket != nullptr)
      diagnostics_.error(socket->at(), "Keys exclude each other", "keep either address or socket");
    if (address != nullptr && !is_address(address->text()))
      diagnostics_.error(address->at(), "Address is not valid", "write HOST:PORT, as 127.0.0.1:6379");
    connection->address = address != nullptr  ? address->text()
                          : socket != nullptr ? socket->text()
                                              : default_address;
    if (const auto* user = body_.find("user")) connection->user = user->text();
    connection->password = password();
    connection_ = std::move(connection);
  }

  std::optional<Secret> password() {
    const auto* node = body_.find("password");
    if (node == nullptr) {
      if (const auto* user = body_.find("user"))
        diagnostics_.error(user->at(), "Key needs password", "nobody can log in by name without one");
      return std::nullopt;
    }
    if (!node->scalar()->secret) {
      diagnostics_.error(node->at(), "Password is not a secret",
                         "write !env NAME, !file PATH or !command TEXT, so that it is in no manifest");
      return std::nullopt;
    }
    auto secret = context_.secret(*node);
    if (secret) return std::move(*secret);
    diagnostics_.error(node->at(), secret.error().summary, secret.error().detail);
    return std::nullopt;
  }

  void add(std::shared_ptr<Declaration> declaration, std::string_view kind, const std::string& name,
           const Location& at) {
    if (declaration == nullptr) return;
    declaration->kind = kind;
    declaration->name = name;
    declaration->at = at;
    declaration->asked_by = {"redis"};
    for (const auto* what : {"service", "package"})
      for (const auto* program : {"redis-server", "redis"}) declaration->after.push_back({what, program});
    auto declared = std::make_shared<Declared>();
    declared->connection = connection_;
    if (const auto* more = dynamic_cast<const Declared*>(declaration->payload.get()))
      declared->uses = more->uses;
    declaration->payload = std::move(declared);
    placements_.push_back({std::move(declaration), {node_}});
  }

  const Node& body_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::string node_;
  std::shared_ptr<const Connection> connection_;
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand(const Section& section, const ExpandContext& context,
                              Diagnostics& diagnostics) {
  return Expander(section, context, diagnostics).expand();
}

}  // namespace tidelock::redis
