#include "providers/slurm/accounting/reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/accounting/fields.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::size_t most_named = 20;

std::string in_words(const ResourceKey& key) {
  if (key.kind == "slurm_qos") return fmt::format("QoS {}", shown(key.name));
  if (key.kind == "slurm_account") return fmt::format("account {}", shown(key.name));
  if (const auto name = parse_association(key.name))
    return fmt::format("association of {} with account {}", shown(name->user), shown(name->account));
  return fmt::format("user {}", shown(key.name));
}

/// "alice, bob and 3 more".
std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  if (names.size() <= most) return join(names, ", ");
  return fmt::format("{} and {} more", join(std::span(names).first(most), ", "), names.size() - most);
}

std::string text_of(const Entity& entity, std::string_view name) {
  return std::string(entity.attributes.text(name));
}

}  // namespace

AccountingReader::AccountingReader(std::span<const Subject> subjects, const Book& book,
                                   const ControllerBook& controller, const ProbeOptions& options)
    : subjects_(subjects), book_(book), controller_(controller), options_(options) {
  for (const auto& subject : subjects)
    if (subject.leaving && !subject.stays)
      leaving_.insert({subject.declaration->kind, subject.declaration->name});
  for (const auto& declaration : options.declared)
    declared_.emplace(ResourceKey{declaration->kind, declaration->name}, declaration.get());
}

Finding AccountingReader::finding(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  Finding finding;
  if (!book_.fault().empty()) {
    finding.observation = Unknown{book_.fault()};
    return finding;
  }
  const auto* entity = book_.find({declaration.kind, declaration.name});
  finding.fingerprint = sha256_hex(entity == nullptr ? "absent" : entity->raw);
  if (entity == nullptr)
    finding.observation = Absent{};
  else
    finding.observation = Present{subject.leaving ? what_goes(declaration, *entity) : entity->attributes};
  finding.obstacle = subject.leaving ? held(declaration) : missing(declaration);
  if (!subject.leaving)
    for (auto text : {uncounted(declaration), too_new(declaration)})
      if (!text.empty()) finding.obstacle = Obstacle{std::move(text), {}};
  if (entity != nullptr && (subject.leaving || differs(subject))) finding.disturbs = disturbed(declaration);
  return finding;
}

/// What somebody set once, and what has to be set instead of it.
Attributes AccountingReader::what_goes(const Declaration& declaration, const Entity& entity) const {
  Attributes attributes;
  for (const auto& [name, value] : entity.attributes)
    if (const auto* field = find_field(declaration.kind, name))
      if (value != initial_value(*field)) attributes.set(name, value);
  if (const auto other = other_default(declaration)) attributes.set(std::string(next_default), *other);
  return attributes;
}

bool AccountingReader::differs(const Subject& subject) const {
  const auto* entity = book_.find({subject.declaration->kind, subject.declaration->name});
  return entity != nullptr && std::ranges::any_of(subject.declaration->attributes, [&](const auto& wanted) {
           const auto* seen = entity->attributes.find(wanted.first);
           return seen == nullptr || *seen != wanted.second;
         });
}

bool AccountingReader::needs_jobs() const {
  return book_.fault().empty() && std::ranges::any_of(subjects_, [&](const Subject& subject) {
           if (!subject.leaving) return options_.details && differs(subject);
           return book_.find({subject.declaration->kind, subject.declaration->name}) != nullptr;
         });
}

bool AccountingReader::declares(std::string_view kind,
                                std::initializer_list<std::string_view> attributes) const {
  return std::ranges::any_of(subjects_, [&](const Subject& subject) {
    return !subject.leaving && subject.declaration->kind == kind &&
           std::ranges::any_of(attributes, [&](std::string_view name) {
             return subject.declaration->attributes.find(name) != nullptr;
           });
  });
}

std::vector<std::string> AccountingReader::remarks() const {
  std::vector<std::string> remarks;
  if (!controller_.answers()) return remarks;
  const auto enforced = lower_case(controller_.setting("AccountingStorageEnforce"));
  const bool any_qos = std::ranges::any_of(subjects_, [](const Subject& subject) {
    return !subject.leaving && subject.declaration->kind == "slurm_qos";
  });
  const bool limited =
      any_qos || declares("slurm_association", {"max_jobs", "max_wall", "grp_tres", "grp_jobs"});
  if (any_qos && !enforced.contains("qos"))
    remarks.emplace_back(
        "QoS mean nothing here: AccountingStorageEnforce in slurm.conf does not hold qos, so that every user "
        "may use every QoS.");
  if (limited && !enforced.contains("limits") && !enforced.contains("safe"))
    remarks.emplace_back(
        "Limits mean nothing here: AccountingStorageEnforce in slurm.conf does not hold limits.");
  if (declares("slurm_qos", {"priority"}) &&
      (controller_.setting("PriorityWeightQOS").empty() || controller_.setting("PriorityWeightQOS") == "0"))
    remarks.emplace_back("Priorities of QoS mean nothing here: PriorityWeightQOS in slurm.conf is 0.");
  if (declares("slurm_qos", {"preempt"}) && controller_.setting("PreemptType") != "preempt/qos")
    remarks.emplace_back("No QoS preempts another here: PreemptType in slurm.conf is not preempt/qos.");
  return remarks;
}

std::vector<Extra> AccountingReader::extras() const {
  std::vector<Extra> extras;
  for (const auto& [key, entity] : book_.entities()) {
    const bool given =
        key.name == "root" || key.name == "root/root" || key == ResourceKey{"slurm_qos", "normal"};
    if (!given && declared(key) == nullptr) extras.push_back({key.kind, key.name, {}});
  }
  return extras;
}

bool AccountingReader::leaves(const ResourceKey& key) const { return leaving_.contains(key); }

const Declaration* AccountingReader::declared(const ResourceKey& key) const {
  const auto found = declared_.find(key);
  return found == declared_.end() ? nullptr : found->second;
}

/// What it names has to be there before it.
std::optional<Obstacle> AccountingReader::missing(const Declaration& declaration) const {
  Obstacle obstacle;
  std::vector<std::string> words;
  for (const auto& key : needs_of(declaration)) {
    if (book_.find(key) != nullptr) continue;
    words.push_back(in_words(key));
    obstacle.until.push_back(key);
  }
  if (words.empty()) return std::nullopt;
  obstacle.text = fmt::format("there is no {}", list_of(words));
  return obstacle;
}

/// sacctmgr refuses a resource that slurmctld did not register.
std::string AccountingReader::uncounted(const Declaration& declaration) const {
  for (const auto& [name, value] : declaration.attributes) {
    const auto* field = find_field(declaration.kind, name);
    const auto* amounts = std::get_if<std::vector<std::string>>(&value);
    if (field == nullptr || field->form != Form::tres || amounts == nullptr) continue;
    for (const auto& amount : *amounts) {
      const auto resource = amount.substr(0, amount.find('='));
      if (!book_.tres().contains(resource))
        return fmt::format("{}: Slurm does not count {}; AccountingStorageTRES in slurm.conf has to name it",
                           name, shown(resource));
    }
  }
  return {};
}

/// An older sacctmgr would leave the flag out and do all else.
std::string AccountingReader::too_new(const Declaration& declaration) const {
  constexpr std::string_view since = "23.11";
  const auto version = controller_.setting("SLURM_VERSION").substr(0, since.size());
  const auto* value = declaration.attributes.find("flags");
  const auto* flags = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
  const bool relative = flags != nullptr && holds(*flags, std::string("Relative"));
  if (!relative || version.size() != since.size() || version >= since) return {};
  return fmt::format("flags: Slurm {} has no flag Relative; it came with {}", printable(version), since);
}

std::optional<Obstacle> AccountingReader::held(const Declaration& declaration) const {
  std::string text;
  if (declaration.kind == "slurm_qos") text = held_qos(declaration.name);
  if (declaration.kind == "slurm_account") text = held_account(declaration.name);
  if (declaration.kind == "slurm_association") text = held_association(declaration.name);
  if (declaration.kind == "slurm_user") text = held_user(declaration.name);
  if (text.empty() && !controller_.jobs() && !controller_.jobs_fault().empty())
    text = fmt::format("nobody can say whether jobs use it: {}", controller_.jobs_fault());
  std::vector<std::string> jobs;
  for (const auto* job : jobs_of(declaration)) jobs.push_back(job_in_words(*job));
  if (text.empty() && !jobs.empty())
    text = fmt::format("pending until {} {} over", list_of(jobs), jobs.size() == 1 ? "is" : "are");
  if (text.empty()) return std::nullopt;
  return Obstacle{text, {}};
}

std::string AccountingReader::held_qos(const std::string& name) const {
  std::vector<std::string> holders;
  for (const auto& [key, entity] : book_.entities()) {
    if (text_of(entity, "default_qos") != name || leaves(key)) continue;
    const auto* wanted = declared(key);
    const auto* other = wanted == nullptr ? nullptr : wanted->attributes.find("default_qos");
    if (other == nullptr || *other == Value(name)) holders.push_back(in_words(key));
  }
  return holders.empty() ? "" : fmt::format("it is the default QoS of {}", list_of(holders));
}

/// sacctmgr would delete what stands below it along with it.
std::string AccountingReader::held_account(const std::string& name) const {
  std::vector<std::string> holders;
  for (const auto& [key, entity] : book_.entities()) {
    const auto association = parse_association(key.name);
    const bool below = key.kind == "slurm_account"       ? text_of(entity, "parent") == name
                       : key.kind == "slurm_association" ? association && association->account == name
                                                         : false;
    if (below && !leaves(key)) holders.push_back(association ? association->user : in_words(key));
  }
  return holders.empty()
             ? ""
             : fmt::format("{} still belong{} to it", list_of(holders), holders.size() == 1 ? "s" : "");
}

/// slurmdbd keeps an association that is its user's default account.
std::string AccountingReader::held_association(const std::string& name) const {
  const auto parts = parse_association(name);
  if (!parts) return "its name makes no sense";
  if (!is_default(*parts)) return {};
  const auto left = accounts_left(parts->user);
  if (left.size() == 1) return {};
  return fmt::format("it is the default account of {}, who keeps {}; declare another `default_account`",
                     shown(parts->user), list_of(left));
}

/// Whether the account is the user's default one, and stays so.
bool AccountingReader::is_default(const AssociationName& association) const {
  const ResourceKey user{"slurm_user", association.user};
  const auto* entity = book_.find(user);
  if (entity == nullptr || leaves(user) || text_of(*entity, "default_account") != association.account)
    return false;
  const auto* wanted = declared(user);
  const auto* other = wanted == nullptr ? nullptr : wanted->attributes.find("default_account");
  return other == nullptr || *other == Value(association.account);
}

std::vector<std::string> AccountingReader::accounts_left(const std::string& user) const {
  std::vector<std::string> accounts;
  for (const auto& [key, entity] : book_.entities()) {
    const auto association = key.kind == "slurm_association" ? parse_association(key.name) : std::nullopt;
    if (association && association->user == user && !leaves(key)) accounts.push_back(association->account);
  }
  return accounts;
}

/// What becomes the user's default account when this association goes; none where that is nobody's question.
std::optional<std::string> AccountingReader::other_default(const Declaration& declaration) const {
  const auto parts =
      declaration.kind == "slurm_association" ? parse_association(declaration.name) : std::nullopt;
  if (!parts || !is_default(*parts)) return std::nullopt;
  const auto left = accounts_left(parts->user);
  return left.size() == 1 ? std::optional(left.front()) : std::nullopt;
}

std::string AccountingReader::held_user(const std::string& name) const {
  const auto accounts = accounts_left(name);
  return accounts.empty() ? "" : fmt::format("others gave it account {}", list_of(accounts));
}

std::vector<const Job*> AccountingReader::jobs_of(const Declaration& declaration) const {
  std::vector<const Job*> jobs;
  if (!controller_.jobs()) return jobs;
  const auto association = parse_association(declaration.name);
  for (const auto& job : *controller_.jobs()) {
    const bool touched = declaration.kind == "slurm_qos"       ? job.qos == declaration.name
                         : declaration.kind == "slurm_account" ? job.account == declaration.name
                         : declaration.kind == "slurm_user"    ? job.user == declaration.name
                         : association ? job.user == association->user && job.account == association->account
                                       : false;
    if (touched) jobs.push_back(&job);
  }
  return jobs;
}

/// A running job keeps the time limit that it began with; all other limits count for it at once.
std::vector<Disturbance> AccountingReader::disturbed(const Declaration& declaration) const {
  std::vector<Disturbance> disturbances;
  const auto jobs = jobs_of(declaration);
  for (const auto* job : jobs) {
    if (disturbances.size() == most_named) break;
    disturbances.push_back({Disturbance::Kind::job, "job " + printable(job->id),
                            job->running ? "running: new limits count for what it asks next"
                                         : "pending: new limits count when it is to start"});
  }
  if (jobs.size() > most_named)
    disturbances.push_back({Disturbance::Kind::job, count_of(jobs.size() - most_named, "more job"),
                            "new limits count for them"});
  return disturbances;
}

}  // namespace tidelock::slurm
