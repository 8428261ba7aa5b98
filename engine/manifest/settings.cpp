#include "engine/manifest/settings.hpp"

#include <optional>
#include <string_view>
#include <variant>

#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

std::optional<Value> value_of(const Node* written, std::string_view type) {
  if (written == nullptr || written->scalar() == nullptr) return std::nullopt;
  const auto& scalar = *written->scalar();
  auto value = value_type(type).parse({.text = scalar.text, .quoted = scalar.quoted});
  return value ? std::optional(*std::move(value)) : std::nullopt;
}

std::optional<std::int64_t> number(const Node* written, std::string_view type = "integer") {
  const auto value = value_of(written, type);
  return value ? std::optional(std::get<std::int64_t>(*value)) : std::nullopt;
}

/// The value of a key of a section; null pointer where either is missing.
const Node* setting(const Node& root, std::string_view section, std::string_view key) {
  const Node* body = root.find(section);
  return body == nullptr ? nullptr : body->find(key);
}

std::vector<std::filesystem::path> local_paths(const Node* written) {
  std::vector<std::filesystem::path> paths;
  if (written == nullptr) return paths;
  if (written->scalar() != nullptr) paths.push_back(local_path(*written));
  if (const auto* list = written->sequence())
    for (const auto& item : *list)
      if (item.scalar() != nullptr) paths.push_back(local_path(item));
  return paths;
}

}  // namespace

Connection connection_settings(const Node& root) {
  Connection connection;
  if (const Node* user = setting(root, "connection", "user")) connection.user = user->text();
  const Node* become = setting(root, "connection", "become");
  if (become != nullptr && become->text() == "sudo") connection.become = Become::sudo;
  connection.identities = local_paths(setting(root, "connection", "identity"));
  connection.known_hosts = local_paths(setting(root, "connection", "known_hosts"));
  return connection;
}

Transfers transfer_settings(const Node& root) {
  Transfers transfers;
  if (const auto parallel = number(setting(root, "transfers", "parallel")))
    transfers.parallel = static_cast<unsigned>(*parallel);
  transfers.bandwidth = number(setting(root, "transfers", "bandwidth"), "bandwidth");
  return transfers;
}

Policy policy_settings(const Node& root) {
  Policy policy;
  if (const Node* history = setting(root, "policy", "history")) {
    policy.history.runs = number(history->find("runs")).value_or(policy.history.runs);
    policy.history.bytes = number(history->find("size"), "size").value_or(policy.history.bytes);
  }
  if (const Node* jobs = setting(root, "policy", "jobs"))
    policy.jobs = jobs->text() == "prompt"   ? JobPolicy::prompt
                  : jobs->text() == "refuse" ? JobPolicy::refuse
                                             : JobPolicy::proceed;
  const Node* most = setting(root, "policy", "max_deletions");
  if (most == nullptr) return policy;
  const auto count = number(most->map() == nullptr ? most : most->find("count"));
  policy.max_deletions = count.value_or(policy.max_deletions);
  policy.max_deletions_percent = number(most->find("percent"));
  if (const Node* kinds = most->find("kinds"))
    for (const auto& entry : kinds->entries())
      if (const auto limit = number(&entry.value)) policy.max_deletions_of.emplace(entry.key, *limit);
  return policy;
}

std::vector<Renaming> renamings(const Node& root, Diagnostics& diagnostics) {
  std::vector<Renaming> moved;
  const Node* body = root.find("moved");
  if (body == nullptr) return moved;
  for (const auto& entry : body->entries()) {
    const auto from = entry.key.find(':');
    const auto to = entry.value.text().find(':');
    if (from == std::string::npos || to == std::string_view::npos ||
        entry.value.text().substr(0, to) != entry.key.substr(0, from))
      diagnostics.error(entry.key_at, "Renaming is not understood",
                        "write `kind:old name` and `kind:new name`, both of the same kind");
    else
      moved.push_back({entry.key.substr(0, from), entry.key.substr(from + 1),
                       std::string(entry.value.text().substr(to + 1))});
  }
  return moved;
}

ClusterNode node_settings(const Node& body) {
  ClusterNode node;
  if (const Node* type = body.find("type")) node.type = type->text();
  if (const auto port = number(body.find("port"))) node.port = static_cast<std::uint16_t>(*port);
  node.cpus = number(body.find("cpus"));
  node.memory = number(body.find("memory"), "size");
  if (const Node* gres = body.find("gres"))
    for (const auto& entry : gres->entries())
      if (const auto amount = number(&entry.value)) node.gres.emplace(entry.key, *amount);
  return node;
}

}  // namespace tidelock
