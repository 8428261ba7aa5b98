#include "providers/slurm/accounting/book.hpp"

#include <array>
#include <span>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/accounting/fields.hpp"
#include "providers/slurm/sacctmgr.sh.hpp"
#include "providers/slurm/said.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::string_view association_head = "Account,User,Partition,ParentName";
constexpr std::size_t head_columns = 4;

std::string names_of(std::span<const Field> fields) {
  std::string names;
  for (const auto& field : fields) {
    if (!names.empty()) names += ',';
    names += field.sacctmgr;
  }
  return names;
}

/// Fields of a line of `sacctmgr -P`, in the order of the table. Nothing in them is escaped.
bool take_fields(Attributes& attributes, std::span<const Field> fields,
                 std::span<const std::string_view> values) {
  if (values.size() < fields.size()) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto value = seen_value(fields[i], values[i]);
    if (!value) return false;
    attributes.set(fields[i].key, *std::move(value));
  }
  return true;
}

/// What is left of a line behind so many separators: free text, which may hold them.
std::string_view rest_behind(std::string_view line, std::size_t separators) {
  for (; separators > 0; --separators) {
    const auto at = line.find('|');
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + 1);
  }
  return line;
}

std::string odd(std::string_view what, std::string_view line) {
  return fmt::format("sacctmgr's answer about {} makes no sense: {}", what, shown(line));
}

}  // namespace

Book::Book(std::span<const std::string> records) {
  if (records.empty())
    fault_ = "the host's answer makes no sense";
  else
    read_accounting(records);
}

void Book::read_accounting(std::span<const std::string> records) {
  if (records.front() == "missing") fault_ = "sacctmgr is not installed";
  if (records.front() == "no cluster") fault_ = "/etc/slurm/slurm.conf has no ClusterName";
  using Reader = void (Book::*)(std::string_view);
  static constexpr std::array<std::pair<std::string_view, Reader>, 5> parts{
      std::pair{"tres", &Book::read_tres},
      {"qos", &Book::read_qos},
      {"accounts", &Book::read_account},
      {"users", &Book::read_user},
      {"associations", &Book::read_association}};
  if (fault_.empty() && records.size() != 2 + 2 * parts.size()) fault_ = "the host's answer makes no sense";
  for (std::size_t i = 0; i < parts.size() && fault_.empty(); ++i) {
    if (records[2 + 2 * i] != parts[i].first) fault_ = "the host's answer makes no sense";
    const auto answer = said(records[3 + 2 * i], "sacctmgr");
    if (fault_.empty()) fault_ = answer.fault;
    for (const auto line : answer.lines)
      if (fault_.empty()) (this->*parts[i].second)(line);
  }
  if (fault_.empty() && !cluster_)
    fault_ = fmt::format("slurmdbd knows no cluster {}: slurmctld registers it", shown(records[1]));
  if (!fault_.empty()) entities_.clear();
}

void Book::read_tres(std::string_view line) {
  const auto values = split(line, '|');
  if (values.size() != 2) {
    fault_ = odd("trackable resources", line);
    return;
  }
  tres_.insert(
      lower_case(values[1].empty() ? values[0] : std::string(values[0]).append("/").append(values[1])));
}

void Book::read_qos(std::string_view line) {
  const auto values = split(line, '|');
  Entity entity{.attributes = {}, .raw = std::string(line)};
  const auto fields = qos_fields();
  if (values.size() < fields.size() + 2 ||
      !take_fields(entity.attributes, fields, std::span(values).subspan(1))) {
    fault_ = odd("QoS", line);
    return;
  }
  const auto& description = *find_field("slurm_qos", "description");
  entity.attributes.set("description", *seen_value(description, rest_behind(line, fields.size() + 1)));
  entities_.insert_or_assign({"slurm_qos", lower_case(values[0])}, std::move(entity));
}

void Book::read_account(std::string_view line) {
  const auto values = split(line, '|');
  if (values.size() < 3) {
    fault_ = odd("accounts", line);
    return;
  }
  Entity entity{.attributes = {}, .raw = std::string(line)};
  entity.attributes.set("organization", lower_case(trim(values[1])));
  entity.attributes.set("description", lower_case(trim(rest_behind(line, 2))));
  accounts_.insert_or_assign(lower_case(values[0]), std::move(entity));
}

void Book::read_user(std::string_view line) {
  const auto values = split(line, '|');
  Entity entity{.attributes = {}, .raw = std::string(line)};
  if (values.size() != 3 || !take_fields(entity.attributes, user_fields(), std::span(values).subspan(1))) {
    fault_ = odd("users", line);
    return;
  }
  entities_.insert_or_assign({"slurm_user", lower_case(values[0])}, std::move(entity));
}

void Book::read_association(std::string_view line) {
  const auto values = split(line, '|');
  Entity entity{.attributes = {}, .raw = std::string(line)};
  if (values.size() != head_columns + association_fields().size() ||
      !take_fields(entity.attributes, association_fields(), std::span(values).subspan(head_columns))) {
    fault_ = odd("associations", line);
    return;
  }
  const auto account = lower_case(values[0]);
  const auto user = lower_case(values[1]);
  if (!values[2].empty()) return;  // of one partition only: nothing that a manifest can declare
  if (!user.empty()) {
    entities_.insert_or_assign({"slurm_association", association_name(account, user)}, std::move(entity));
  } else if (account == "root") {
    cluster_ = std::move(entity);
  } else {
    entity.attributes.set("parent", lower_case(values[3]));
    if (const auto known = accounts_.find(account); known != accounts_.end()) {
      for (const auto& [name, value] : known->second.attributes) entity.attributes.set(name, value);
      entity.raw += known->second.raw;
    }
    entities_.insert_or_assign({"slurm_account", account}, std::move(entity));
  }
}

const Entity* Book::find(const ResourceKey& key) const {
  if (key.kind == "slurm_cluster") return cluster_ ? &*cluster_ : nullptr;
  const auto found = entities_.find(key);
  return found == entities_.end() ? nullptr : &found->second;
}

void ask_accounting(Probe& probe) {
  Script script(embedded::slurm_sacctmgr_sh, "slurm_accounting");
  script.argument("Name," + names_of(qos_fields()));
  script.argument(std::string(association_head) + "," + names_of(association_fields()));
  probe.scripts.push_back(std::move(script));
}

}  // namespace tidelock::slurm
