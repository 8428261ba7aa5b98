#include "engine/manifest/inventory.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/settings.hpp"

namespace tidelock {
namespace {

constexpr std::size_t max_host_name = 253;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [&](char c) { return is_alphanumeric(c) || others.contains(c); });
}

/// What is wrong with a host's name; empty if nothing is.
std::string_view name_fault(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.starts_with('-')) return "it begins with -";
  if (name.size() > max_host_name) return "it is longer than host names can be";
  if (!consists_of(name, "-_.")) return "host names have letters, digits, - and . only";
  return is_alphanumeric(name.front()) ? "" : "it does not begin with a letter or a digit";
}

/// What is wrong with an address; empty if nothing is. Colons make it an IPv6 address, with its zone perhaps.
std::string_view address_fault(std::string_view address) {
  if (address.contains('@')) return "the user to log in stands under connection: { user: … }";
  const auto colons = std::ranges::count(address, ':');
  if (colons == 0) return name_fault(address);
  if (colons == 1) return "the port has a key of its own, \"port\"";
  const auto digits = address.substr(0, address.find('%'));
  const bool hexadecimal = digits.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  return hexadecimal && consists_of(address.substr(digits.size()), "%-_.") ? "" : "this is no IPv6 address";
}

/// Reads the `nodes` map.
class NodeReader {
 public:
  NodeReader(const std::map<std::string, NodeType>& types, const Node* node_types, Diagnostics& diagnostics)
      : types_(types), node_types_(node_types), diagnostics_(diagnostics) {
    std::ranges::transform(types, std::back_inserter(type_names_),
                           [](const auto& type) { return type.first; });
  }

  void read(const Node::Entry& entry);
  [[nodiscard]] std::vector<ClusterNode> take() && { return std::move(nodes_); }
  /// Whether every key could be read, so that a name that is not there is not declared.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  using Names = std::vector<std::string>;

  [[nodiscard]] std::optional<Names> names_of(const Node::Entry& entry);
  [[nodiscard]] Names addresses_of(const Node::Entry& entry, const Names& names);
  [[nodiscard]] std::optional<Names> expanded(std::string_view text, const Location& at, const char* summary,
                                              std::string_view (*fault)(std::string_view));
  [[nodiscard]] Names new_names(const Names& names, const Location& at);
  void check_type(const Node* type);
  void claim_addresses(std::size_t first, const Location& at);

  const std::map<std::string, NodeType>& types_;
  const Node* node_types_;
  Diagnostics& diagnostics_;
  Names type_names_;
  std::vector<ClusterNode> nodes_;
  std::unordered_map<std::string, Location> names_;
  std::unordered_map<std::string, Location> addresses_;
  bool complete_ = true;
  bool missing_said_ = false;  ///< there is no section node_types: once is enough
};

std::optional<NodeReader::Names> NodeReader::expanded(std::string_view text, const Location& at,
                                                      const char* summary,
                                                      std::string_view (*fault)(std::string_view)) {
  auto names = expand_hostlist(text);
  if (!names) {
    diagnostics_.error(at, names.error().summary,
                       fmt::format("{}; {}", names.error().detail, names.error().advice));
    return std::nullopt;
  }
  for (const auto& name : *names) {
    const auto why = fault(name);
    if (why.empty()) continue;
    diagnostics_.error(at, summary, fmt::format("{}: {}", in_quotes(name), why));
    return std::nullopt;
  }
  return *std::move(names);
}

std::optional<NodeReader::Names> NodeReader::names_of(const Node::Entry& entry) {
  auto names = expanded(entry.key, entry.key_at, "Host name is not valid", name_fault);
  if (names && nodes_.size() + names->size() > max_hostlist_size) {
    diagnostics_.error(entry.key_at, "Too many nodes",
                       fmt::format("a cluster has at most {}", max_hostlist_size));
    names.reset();
  }
  complete_ = complete_ && names;
  return names;
}

/// One address a name; the names themselves where nothing is written.
NodeReader::Names NodeReader::addresses_of(const Node::Entry& entry, const Names& names) {
  const Node* written = entry.value.find("address");
  if (written == nullptr || written->scalar() == nullptr || written->scalar()->secret) return names;
  auto addresses = expanded(written->text(), written->at(), "Address is not valid", address_fault);
  if (!addresses) return names;
  if (addresses->size() == names.size()) return *std::move(addresses);
  diagnostics_.error(
      written->at(), "Names and addresses differ in number",
      fmt::format("{} stands for {}, {} for {}", in_quotes(entry.key), count_of(names.size(), "node"),
                  in_quotes(written->text()),
                  addresses->size() == 1 ? "1 address" : fmt::format("{} addresses", addresses->size())));
  return names;
}

/// The names without those that an earlier entry has.
NodeReader::Names NodeReader::new_names(const Names& names, const Location& at) {
  Names fresh;
  Names known;
  const Location* first = nullptr;
  for (const auto& name : names) {
    const auto [declared, is_new] = names_.try_emplace(name, at);
    (is_new ? fresh : known).push_back(name);
    if (!is_new && first == nullptr) first = &declared->second;
  }
  if (first != nullptr)
    diagnostics_.error(at, "Node is declared twice", printable(fold_hosts(known)), {{*first, "first here"}});
  return fresh;
}

void NodeReader::check_type(const Node* type) {
  if (type == nullptr || type->scalar() == nullptr || types_.contains(std::string(type->text()))) return;
  const bool unreadable = node_types_ != nullptr && node_types_->map() == nullptr;
  const bool said = node_types_ == nullptr && std::exchange(missing_said_, true);
  if (unreadable || said) return;
  diagnostics_.error(type->at(), "Unknown node type",
                     with_suggestion(type->text(), "is not under \"node_types\"", type_names_, "there are"));
}

/// Two nodes at one address would be one machine under two names, unless their ports differ.
void NodeReader::claim_addresses(std::size_t first, const Location& at) {
  for (const auto& node : std::span(nodes_).subspan(first)) {
    const auto place = fmt::format("{} {}", node.address, node.port.value_or(0));
    const auto [known, fresh] = addresses_.try_emplace(place, at);
    if (fresh) continue;
    diagnostics_.error(at, "Address is used twice",
                       fmt::format("{} has the address {}, which another node has already",
                                   in_quotes(node.name), in_quotes(node.address)),
                       {{known->second, "first here"}});
    return;
  }
}

void NodeReader::read(const Node::Entry& entry) {
  check_type(entry.value.find("type"));
  auto names = names_of(entry);
  if (!names) return;
  const auto addresses = addresses_of(entry, *names);
  const auto fresh = new_names(*names, entry.key_at);
  const auto first = nodes_.size();
  for (std::size_t i = 0; i < names->size() && fresh.size() == names->size(); ++i) {
    ClusterNode node = node_settings(entry.value);
    node.name = (*names)[i];
    node.address = addresses[i];
    node.at = entry.key_at;
    nodes_.push_back(std::move(node));
  }
  const Node* written = entry.value.find("address");
  claim_addresses(first, written == nullptr ? entry.key_at : written->at());
}

/// Reads the `filesystems` map.
class FilesystemReader {
 public:
  FilesystemReader(const std::vector<ClusterNode>& nodes, bool complete, Diagnostics& diagnostics)
      : complete_(complete), diagnostics_(diagnostics) {
    std::ranges::transform(nodes, std::back_inserter(names_), &ClusterNode::name);
  }

  [[nodiscard]] std::vector<SharedFilesystem> read(const Node& filesystems);

 private:
  void read_shared(const Node::Entry& entry, std::vector<SharedFilesystem>& shared);
  void check_own(const Node::Entry& entry, const std::vector<SharedFilesystem>& shared);

  bool complete_;
  Diagnostics& diagnostics_;
  std::vector<std::string> names_;
};

bool lies_below(std::string_view path, std::string_view folder) {
  return folder == "/" || path == folder || (path.starts_with(folder) && path[folder.size()] == '/');
}

void FilesystemReader::read_shared(const Node::Entry& entry, std::vector<SharedFilesystem>& shared) {
  const Node* writer = entry.value.find("apply_on");
  if (writer == nullptr) {
    diagnostics_.error(
        entry.key_at, "Key is missing",
        fmt::format("{} has scope: cluster, so it needs \"apply_on\": the node that writes there",
                    in_quotes(entry.key)));
    return;
  }
  const bool known = std::ranges::find(names_, writer->text()) != names_.end();
  if (!known && complete_ && writer->scalar() != nullptr)
    diagnostics_.error(writer->at(), "Unknown node",
                       with_suggestion(writer->text(), "is not under \"nodes\"", names_, "there are"));
  shared.push_back({.path = entry.key, .apply_on = std::string(writer->text()), .at = entry.key_at});
}

void FilesystemReader::check_own(const Node::Entry& entry, const std::vector<SharedFilesystem>& shared) {
  if (const Node* writer = entry.value.find("apply_on"))
    diagnostics_.error(writer->at(), "Writing node is not needed",
                       "with scope: node every node writes its own; remove \"apply_on\"");
  const auto around = std::ranges::find_if(
      shared, [&](const SharedFilesystem& one) { return lies_below(entry.key, one.path); });
  if (around == shared.end()) return;
  diagnostics_.error(
      entry.key_at, "Own path on a shared file system",
      fmt::format("{} lies on {}, which all nodes share; a part of that cannot be a node's own",
                  in_quotes(entry.key), in_quotes(around->path)),
      {{around->at, "shared here"}});
}

std::vector<SharedFilesystem> FilesystemReader::read(const Node& filesystems) {
  std::vector<SharedFilesystem> shared;
  const auto scope = [](const Node::Entry& entry) {
    const Node* written = entry.value.find("scope");
    return written == nullptr ? std::string_view{} : written->text();
  };
  for (const auto& entry : filesystems.entries())
    if (scope(entry) == "cluster") read_shared(entry, shared);
  for (const auto& entry : filesystems.entries())
    if (scope(entry) == "node") check_own(entry, shared);
  return shared;
}

std::string lock_host(const Node& root, const std::vector<ClusterNode>& nodes, bool complete,
                      Diagnostics& diagnostics) {
  const Node* written = root.find("lock");
  if (written == nullptr) return nodes.empty() ? std::string() : nodes.front().name;
  std::vector<std::string> names;
  for (const auto& node : nodes) names.push_back(node.name);
  if (complete && written->scalar() != nullptr && std::ranges::find(names, written->text()) == names.end())
    diagnostics.error(written->at(), "Unknown node",
                      with_suggestion(written->text(), "is not under \"nodes\"", names, "there are"));
  return std::string(written->text());
}

}  // namespace

Inventory read_inventory(const Node& root, const std::map<std::string, NodeType>& types,
                         Diagnostics& diagnostics) {
  NodeReader nodes(types, root.find("node_types"), diagnostics);
  if (const Node* written = root.find("nodes"))
    for (const auto& entry : written->entries()) nodes.read(entry);
  const bool complete = nodes.complete();
  Inventory inventory{.nodes = std::move(nodes).take(), .filesystems = {}, .lock_host = {}};
  if (const Node* written = root.find("filesystems"))
    inventory.filesystems = FilesystemReader(inventory.nodes, complete, diagnostics).read(*written);
  inventory.lock_host = lock_host(root, inventory.nodes, complete, diagnostics);
  return inventory;
}

}  // namespace tidelock
