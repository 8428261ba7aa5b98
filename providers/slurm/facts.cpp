#include "providers/slurm/facts.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/conf/kinds.hpp"
#include "providers/slurm/configuration/node_lines.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20U;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> seconds_in(std::string_view text) {
  const auto seconds = value_type("duration").parse({.text = text, .quoted = true});
  const auto* number = seconds ? std::get_if<std::int64_t>(&*seconds) : nullptr;
  return number == nullptr ? std::nullopt : std::optional(static_cast<std::uint64_t>(*number));
}

/// "gpu:2,gpu:v100:4(S:0)": what stands in parentheses tells of sockets.
GresCounts gres_in(std::string_view text) {
  GresCounts counts;
  for (auto part : split(text, ',')) {
    part = part.substr(0, part.find('('));
    const auto colon = part.rfind(':');
    const auto count = colon == std::string_view::npos ? std::nullopt : number_in(part.substr(colon + 1));
    if (count)
      counts[std::string(part.substr(0, colon))] += *count;
    else if (!part.empty())
      counts[std::string(part)] += 1;
  }
  return counts;
}

/// "ALL" and a missing list are no restriction.
std::optional<std::set<std::string>> names_in(std::string_view text) {
  if (text.empty() || text == "ALL") return std::nullopt;
  std::set<std::string> names;
  for (const auto name : split(text, ',')) names.insert(lower_case(name));
  return names;
}

ClusterNode node_of(const Words& words) {
  ClusterNode node{.name = std::string(word_of(words, "NodeName")), .cpus = {}, .memory = {}, .gres = {}};
  node.cpus = number_in(word_of(words, "CPUTot"));
  if (const auto megabytes = number_in(word_of(words, "RealMemory"))) node.memory = *megabytes * megabyte;
  node.gres = gres_in(word_of(words, "Gres"));
  return node;
}

ClusterPartition partition_of(const Words& words) {
  ClusterPartition partition;
  partition.name = word_of(words, "PartitionName");
  if (auto nodes = expand_node_names(word_of(words, "Nodes"))) partition.nodes = std::move(*nodes);
  partition.max_time = seconds_in(word_of(words, "MaxTime"));
  partition.allow_qos = names_in(word_of(words, "AllowQos"));
  if (!partition.allow_qos) partition.deny_qos = names_in(word_of(words, "DenyQos"));
  partition.allow_accounts = names_in(word_of(words, "AllowAccounts"));
  if (const auto qos = word_of(words, "QoS"); !qos.empty()) partition.qos = lower_case(qos);
  partition.is_default = word_of(words, "Default") == "YES";
  return partition;
}

/// Names of a declared list; none where it is no restriction.
std::optional<std::set<std::string>> names_of(const Value& value) {
  const auto* names = std::get_if<std::vector<std::string>>(&value);
  if (names == nullptr || names->empty() || names->front() == "all") return std::nullopt;
  std::set<std::string> lower;
  for (const auto& name : *names) lower.insert(lower_case(name));
  return lower;
}

/// What is declared of a partition, over what it is now.
void take(ClusterPartition& partition, const Attributes& declared) {
  for (const auto& [name, value] : declared) {
    const auto text = declared.text(name);
    if (name == "nodes") {
      if (auto names = expand_node_names(text)) partition.nodes = *std::move(names);
    } else if (name == "max_time")
      partition.max_time = seconds_in(text);
    else if (name == "allow_qos")
      partition.allow_qos = names_of(value);
    else if (name == "deny_qos")
      partition.deny_qos = names_of(value);
    else if (name == "allow_accounts")
      partition.allow_accounts = names_of(value);
    else if (name == "qos")
      partition.qos = text.empty() ? std::nullopt : std::optional(lower_case(text));
    else if (name == "default")
      partition.is_default = value == Value(true);
  }
}

void take(ClusterNode& node, const Attributes& declared) {
  if (const auto* cpus = declared.find("cpus"))
    node.cpus = static_cast<std::uint64_t>(std::get<std::int64_t>(*cpus));
  if (const auto size = value_type("size").parse({.text = declared.text("memory"), .quoted = true}))
    node.memory = static_cast<std::uint64_t>(std::get<std::int64_t>(*size));
  const auto* gres = declared.find("gres");
  if (const auto* amounts = gres == nullptr ? nullptr : std::get_if<std::vector<std::string>>(gres))
    node.gres = gres_in(join(*amounts, ","));
}

/// Partitions and nodes as they will be.
void foresee(ClusterFacts& facts, std::span<const DeclarationPtr> declared) {
  const auto of_name = [](auto& list, const std::string& name) -> auto& {
    const auto found = std::ranges::find_if(list, [&](const auto& one) { return one.name == name; });
    if (found != list.end()) return *found;
    list.emplace_back();
    list.back().name = name;
    return list.back();
  };
  for (const auto& declaration : declared) {
    if (declaration->kind == partition_kind)
      take(of_name(*facts.partitions, declaration->name), declaration->attributes);
    if (declaration->kind == node_kind)
      take(of_name(*facts.nodes, declaration->name), declaration->attributes);
  }
}

TresLimits limits_of(const Attributes& attributes, std::string_view name) {
  TresLimits limits;
  const auto* value = attributes.find(name);
  const auto* amounts = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  if (amounts == nullptr) return limits;
  for (const auto& amount : *amounts) {
    const auto equals = amount.find('=');
    const auto text = std::string_view(amount).substr(equals + 1);
    const auto size = value_type("size").parse({.text = text, .quoted = true});
    const auto count = number_in(text);
    if (count)
      limits[amount.substr(0, equals)] = *count;
    else if (size)
      limits[amount.substr(0, equals)] = static_cast<std::uint64_t>(std::get<std::int64_t>(*size));
  }
  return limits;
}

bool has_word(const Attributes& attributes, std::string_view name, std::string_view word) {
  const auto* value = attributes.find(name);
  const auto* words = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  return words != nullptr && holds(*words, std::string(word));
}

ClusterQos qos_of(const std::string& name, const Attributes& attributes) {
  ClusterQos qos;
  qos.name = name;
  qos.max_wall = seconds_in(attributes.text("max_wall"));
  // With Relative they are percentages of what the cluster or partition has just then.
  if (!has_word(attributes, "flags", "Relative")) {
    qos.max_tres_per_job = limits_of(attributes, "max_tres_per_job");
    qos.max_tres_per_user = limits_of(attributes, "max_tres_per_user");
  }
  qos.over_partition_qos = has_word(attributes, "flags", "OverPartQOS");
  qos.ignores_partition_time = has_word(attributes, "flags", "PartitionTimeLimit");
  return qos;
}

/// The accounting as it will be.
class Future {
 public:
  Future(const Book& book, std::span<const DeclarationPtr> declared) {
    for (const auto& [key, entity] : book.entities()) entities_[key] = entity.attributes;
    if (book.cluster()) entities_[root] = book.cluster()->attributes;
    for (const auto& declaration : declared) {
      const bool cluster = declaration->kind == "slurm_cluster";
      auto& entity = entities_[cluster ? root : ResourceKey{declaration->kind, declaration->name}];
      for (const auto& [name, value] : declaration->attributes) entity.set(name, value);
    }
  }

  [[nodiscard]] std::vector<ClusterQos> qos() const {
    std::vector<ClusterQos> all;
    for (const auto& [key, attributes] : entities_)
      if (key.kind == "slurm_qos") all.push_back(qos_of(key.name, attributes));
    return all;
  }

  [[nodiscard]] std::vector<ClusterAccount> accounts() const {
    std::vector<ClusterAccount> all;
    for (const auto& [key, attributes] : entities_)
      if (key.kind == "slurm_account") all.push_back({key.name, parent_of(key.name)});
    return all;
  }

  [[nodiscard]] std::vector<ClusterUser> users() const {
    std::map<std::string, ClusterUser> all;
    for (const auto& [key, attributes] : entities_) {
      if (key.kind == "slurm_user") add_user(all[key.name], key.name, attributes);
      const auto name = key.kind == "slurm_association" ? parse_association(key.name) : std::nullopt;
      if (name) all[name->user].accounts[name->account] = association_of(*name, attributes);
    }
    std::vector<ClusterUser> users;
    for (auto& [name, user] : all) {
      user.name = name;
      users.push_back(std::move(user));
    }
    return users;
  }

 private:
  static void add_user(ClusterUser& user, const std::string& name, const Attributes& attributes) {
    user.name = name;
    if (const auto account = attributes.text("default_account"); !account.empty())
      user.default_account = account;
    const auto level = attributes.text("admin_level");
    user.is_operator = level == "operator" || level == "administrator";
  }

  [[nodiscard]] std::optional<std::string> parent_of(const std::string& account) const {
    const auto found = entities_.find({"slurm_account", account});
    if (found == entities_.end()) return std::nullopt;
    const auto parent = found->second.text("parent");
    return parent.empty() ? "root" : std::string(parent);
  }

  /// Its own list, or else that of the accounts above it; the first that has one decides.
  [[nodiscard]] ClusterAssociation association_of(const AssociationName& name, const Attributes& own) const {
    ClusterAssociation association;
    take(association, own);
    std::optional<std::string> account = name.account;
    for (int level = 0; account && level < 64; ++level) {  // hostile answers may go in a circle
      const auto found = entities_.find({"slurm_account", *account});
      if (found != entities_.end()) take(association, found->second);
      account = parent_of(*account);
    }
    if (const auto cluster = entities_.find(root); cluster != entities_.end())
      take(association, cluster->second);
    return association;
  }

  static void take(ClusterAssociation& association, const Attributes& attributes) {
    const auto* value = attributes.find("qos");
    const auto* names = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
    if (!association.qos && names != nullptr && !names->empty())
      association.qos = std::set<std::string>(names->begin(), names->end());
    if (const auto name = attributes.text("default_qos"); !association.default_qos && !name.empty())
      association.default_qos = name;
  }

  inline static const ResourceKey root{"slurm_cluster", ""};
  std::map<ResourceKey, Attributes> entities_;
};

}  // namespace

ClusterFacts facts_of(const Book& book, const ControllerBook& controller,
                      std::span<const DeclarationPtr> declared) {
  ClusterFacts facts;
  if (!controller.answers()) return facts;
  facts.nodes.emplace();
  for (const auto& words : controller.nodes()) facts.nodes->push_back(node_of(words));
  facts.partitions.emplace();
  for (const auto& words : controller.partitions()) facts.partitions->push_back(partition_of(words));
  foresee(facts, declared);
  if (!book.fault().empty()) return facts;
  const Future future(book, declared);
  const auto enforced = lower_case(controller.setting("AccountingStorageEnforce"));
  // What is enforced brings with it what that needs: qos and limits do associations (slurm.conf(5)).
  const bool qos = enforced.contains("qos");
  const bool limits = enforced.contains("limits") || enforced.contains("safe");
  const bool associations = qos || limits || enforced.contains("associations");
  if (qos) facts.qos = future.qos();
  if (!limits && facts.qos)
    for (auto& one : *facts.qos)
      one = {.name = one.name, .max_wall = {}, .max_tres_per_job = {}, .max_tres_per_user = {}};
  if (associations) facts.accounts = future.accounts();
  if (associations) facts.users = future.users();
  return facts;
}

}  // namespace tidelock::slurm
