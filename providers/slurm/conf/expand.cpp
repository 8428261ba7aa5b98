#include "providers/slurm/conf/expand.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_types.hpp"
#include "providers/common/keys.hpp"
#include "providers/slurm/conf/kinds.hpp"
#include "providers/slurm/configuration/edit.hpp"
#include "providers/slurm/configuration/query.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {
namespace {

class ConfExpander {
 public:
  ConfExpander(const Section& section, const ExpandContext& context, Diagnostics& diagnostics)
      : body_(section.body), context_(context), diagnostics_(diagnostics) {}

  std::vector<Placement> expand() && {
    const auto* controllers = body_.find("controllers");
    if (controllers == nullptr || controllers->texts().empty()) return {};
    controllers_ = controllers->texts();
    if (context_.manifest.find_node(controllers_.front()) == nullptr) return {};
    for (const auto& entry : entries("config")) add_parameter(entry);
    for (const auto& entry : entries("nodes")) add_nodes(entry);
    for (const auto& entry : entries("partitions")) add_partition(entry);
    if (!placements_.empty()) add_files();
    return std::move(placements_);
  }

 private:
  [[nodiscard]] std::span<const Node::Entry> entries(std::string_view section) const {
    const auto* node = body_.find(section);
    return node == nullptr ? std::span<const Node::Entry>{} : node->entries();
  }

  std::shared_ptr<Declaration> add(std::string_view kind, std::string name, const Node& body,
                                   const Location& at) {
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = kind;
    declaration->name = std::move(name);
    declaration->at = at;
    declaration->asked_by = {"slurm"};
    declaration->together = Together{std::string(conf_group), controllers_.front()};
    declaration->protect = is_true(body.find("protect"));
    declaration->detect_only = is_true(body.find("detect_only"));
    for (const auto& entry : body.entries())
      if (const auto* field = find_conf_field(kind, entry.key))
        declaration->attributes.set(field->key, declared_value(*field, entry.value));
    if (const auto* ignored = body.find("ignore"); ignored != nullptr)
      for (const auto& name_of_attribute : ignored->texts()) declaration->ignore.insert(name_of_attribute);
    placements_.push_back({declaration, {controllers_.front()}});
    return declaration;
  }

  /// A scalar, or several for a parameter that has a line for each.
  void add_parameter(const Node::Entry& entry) {
    const auto fail = [&](const Location& at, std::string detail) {
      diagnostics_.error(at, "Parameter is not valid", std::move(detail));
    };
    if (!is_key(entry.key))
      return fail(entry.key_at, fmt::format("{} is no name of a parameter", shown(entry.key)));
    if (sort_of(entry.key, Dialect::slurm_conf) != Sort::parameter || same_word(entry.key, "Include"))
      return fail(entry.key_at,
                  fmt::format("{} begins a line of another sort; partitions and nodes have keys of their own",
                              entry.key));
    const bool secret = entry.value.scalar() != nullptr && entry.value.scalar()->secret;
    if (secret) return fail(entry.value.at(), "every node reads slurm.conf: it can hold no secret");
    const auto values = entry.value.texts();
    if (values.empty()) return fail(entry.value.at(), "a parameter has a value; leave it out to have none");
    if (values.size() > 1 && !is_list_parameter(entry.key))
      return fail(
          entry.value.at(),
          fmt::format("of several lines with {} only the last would count; give one value", entry.key));
    for (const auto& value : values)
      if (const auto written = written_value(value); !written)
        return fail(entry.value.at(), written.error().detail);
    auto declaration = add(parameter_kind, entry.key, Node(entry.value.at(), Node::Map{}), entry.key_at);
    declaration->attributes.set(parameter_value, values);
  }

  void add_nodes(const Node::Entry& entry) {
    const auto names = expand_hostlist(entry.key);
    if (!names) {
      diagnostics_.error(entry.key_at, names.error().summary, names.error().detail);
      return;
    }
    for (const auto& name : *names) {
      const auto* node = context_.manifest.find_node(name);
      if (node == nullptr) {
        diagnostics_.error(entry.key_at, "No such node", fmt::format("{} is not among `nodes`", shown(name)));
        return;
      }
      if (!declared_nodes_.insert(name).second) {
        diagnostics_.error(entry.key_at, "Node is declared twice",
                           fmt::format("{} is in another list of `slurm.nodes` as well", shown(name)));
        return;
      }
      add_node(*node, entry);
    }
  }

  void add_node(const ClusterNode& node, const Node::Entry& entry) {
    auto declaration = add(node_kind, node.name, entry.value, entry.key_at);
    auto& attributes = declaration->attributes;
    if (node.cpus && attributes.find("cpus") == nullptr) attributes.set("cpus", *node.cpus);
    if (node.memory && attributes.find("memory") == nullptr) {
      constexpr std::int64_t megabyte = std::int64_t{1} << 20U;
      attributes.set("memory", size_type().show(*node.memory / megabyte * megabyte));
    }
    if (!node.gres.empty() && attributes.find("gres") == nullptr) {
      std::vector<std::string> gres;
      for (const auto& [name, count] : node.gres)
        gres.push_back(fmt::format("{}:{}", lower_case(name), count));
      std::ranges::sort(gres);
      attributes.set("gres", std::move(gres));
    }
    if (const auto* devices = entry.value.find(node_devices)) {
      std::vector<std::string> files;
      for (const auto& device : devices->entries())
        files.push_back(fmt::format("{}={}", lower_case(device.key), device.value.text()));
      std::ranges::sort(files);
      attributes.set(node_devices, std::move(files));
    }
  }

  void add_partition(const Node::Entry& entry) {
    if (same_word(entry.key, "DEFAULT")) {
      diagnostics_.error(entry.key_at, "Name is not valid",
                         "DEFAULT stands for all partitions in slurm.conf");
      return;
    }
    auto declaration = add(partition_kind, entry.key, entry.value, entry.key_at);
    if (entry.value.find("nodes") != nullptr || entry.value.find("node_types") != nullptr)
      declaration->attributes.set("nodes", fold_hosts(members_of(entry.value)));
    const auto needs = [&](std::string_view attribute, std::string_view kind) {
      const auto* value = declaration->attributes.find(attribute);
      if (value == nullptr) return;
      const auto* names = std::get_if<std::vector<std::string>>(value);
      if (names == nullptr) declaration->after.push_back({std::string(kind), lower_case(text_of(*value))});
      for (const auto& name : names == nullptr ? std::vector<std::string>() : *names)
        declaration->after.push_back({std::string(kind), lower_case(name)});
    };
    for (const auto attribute : {"allow_qos", "deny_qos", "qos"}) needs(attribute, "slurm_qos");
    for (const auto attribute : {"allow_accounts", "deny_accounts"}) needs(attribute, "slurm_account");
  }

  /// In the order of their names, without repeats.
  std::vector<std::string> members_of(const Node& body) {
    std::set<std::string> members;
    if (const auto* types = body.find("node_types"))
      for (const auto& type : *types->sequence()) add_type(type, members);
    if (const auto* lists = body.find("nodes"))
      for (const auto& list : *lists->sequence()) add_list(list, members);
    for (const auto& name : members)
      if (context_.manifest.find_node(name) != nullptr) hosts_.insert(name);
    return {members.begin(), members.end()};
  }

  void add_type(const Node& type, std::set<std::string>& members) {
    bool any = false;
    for (const auto& node : context_.manifest.nodes)
      if (node.type == type.text()) any = members.insert(node.name).second || any;
    if (!any)
      diagnostics_.error(type.at(), "Node type has no nodes",
                         fmt::format("no node is of type {}", shown(type.text())));
  }

  void add_list(const Node& list, std::set<std::string>& members) {
    const auto names = expand_hostlist(list.text());
    if (!names) {
      diagnostics_.error(list.at(), names.error().summary, names.error().detail);
      return;
    }
    members.insert(names->begin(), names->end());
  }

  void add_files() {
    hosts_.insert(declared_nodes_.begin(), declared_nodes_.end());
    hosts_.insert(controllers_.begin(), controllers_.end());
    if (const auto* more = body_.find("clients")) {
      const auto names = more->texts();
      hosts_.insert(names.begin(), names.end());
    }
    if (is_true(body_.find("configless"))) hosts_ = {controllers_.begin(), controllers_.end()};
    hosts_.erase(controllers_.front());
    const std::vector<std::string> backups(controllers_.begin() + 1, controllers_.end());
    for (const auto& backup : backups) hosts_.erase(backup);
    place_files({controllers_.front()}, true, false);
    place_files(backups, false, true);
    place_files({hosts_.begin(), hosts_.end()}, false, false);
  }

  void place_files(std::vector<std::string> hosts, bool lead, bool backup) {
    std::erase_if(hosts, [&](const auto& host) { return context_.manifest.find_node(host) == nullptr; });
    if (hosts.empty()) return;
    auto declaration = std::make_shared<Declaration>();
    declaration->kind = files_kind;
    declaration->name = conf_folder;
    declaration->at = body_.at();
    declaration->asked_by = {"slurm"};
    declaration->protect = true;
    declaration->together = Together{std::string(conf_group), controllers_.front()};
    auto plan = std::make_shared<FilesPlan>();
    plan->lead = lead;
    plan->backup = backup;
    declaration->payload = std::move(plan);
    placements_.push_back({std::move(declaration), std::move(hosts)});
  }

  const Node& body_;
  const ExpandContext& context_;
  Diagnostics& diagnostics_;
  std::vector<std::string> controllers_;
  std::set<std::string> declared_nodes_;
  std::set<std::string> hosts_;  ///< that need the configuration
  std::vector<Placement> placements_;
};

}  // namespace

std::vector<Placement> expand_conf(const Section& section, const ExpandContext& context,
                                   Diagnostics& diagnostics) {
  return ConfExpander(section, context, diagnostics).expand();
}

}  // namespace tidelock::slurm
