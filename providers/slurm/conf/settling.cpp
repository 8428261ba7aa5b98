#include "providers/slurm/conf/settling.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/conf/candidate.hpp"
#include "providers/slurm/conf/kinds.hpp"

namespace tidelock::slurm {
namespace {

class Settlement {
 public:
  explicit Settlement(std::span<Sight> group) : group_(group) {
    find_lead();
    forget_other_leads();
  }

  void settle() {
    if (seen_ == nullptr) return without_lead();
    const auto candidate = make_candidate();
    const auto changes = candidate.changes();
    const auto restart = candidate.restart_because();
    const auto slurmd_restart = candidate.slurmd_restart_because();
    const auto lead = lead_change(candidate, changes, !restart.empty());
    for (auto& sight : group_) {
      if (sight.declaration->kind == files_kind) {
        settle_files(sight, candidate, lead, restart, slurmd_restart);
      } else {
        const bool counted = holds(counted_, &sight);
        sight.finding->payload = counted ? lead : nullptr;
      }
    }
  }

 private:
  void find_lead() {
    for (const auto& sight : group_)
      if (const auto& lead = sight.declaration->together->lead; !lead.empty()) name_of_lead_ = lead;
    for (const auto& sight : group_) {
      if (!name_of_lead_.empty() && sight.host != name_of_lead_) continue;
      if (const auto seen = std::dynamic_pointer_cast<const ConfSeen>(sight.finding->payload)) {
        seen_ = seen;
        lead_ = sight.host;
      }
    }
  }

  /// What a host led before and nobody declares for it any more is no longer its own.
  void forget_other_leads() {
    for (auto& sight : group_)
      if (sight.leaving && sight.declaration->kind != files_kind && !name_of_lead_.empty() &&
          sight.host != name_of_lead_)
        sight.finding->observation = Absent{};
  }

  /// Nobody knows what the others are to have.
  void without_lead() {
    for (auto& sight : group_) {
      if (sight.declaration->kind != files_kind || sight.leaving) continue;
      if (std::holds_alternative<Unknown>(sight.finding->observation)) continue;
      sight.finding->observation =
          Unknown{fmt::format("what {} has could not be seen, and it is to have the same", name_of_lead_)};
      sight.finding->payload = nullptr;
    }
  }

  [[nodiscard]] static bool is_open(const Sight& sight) {
    const bool unknown = std::holds_alternative<Unknown>(sight.finding->observation);
    return !unknown && !sight.finding->obstacle && !sight.declaration->detect_only && !sight.stays &&
           !(sight.leaving && sight.declaration->protect);
  }

  /// What cannot be done is left aside, until the rest can.
  Candidate make_candidate() {
    for (;;) {
      counted_.clear();
      for (auto& sight : group_)
        if (sight.declaration->kind != files_kind && sight.host == lead_ && is_open(sight))
          counted_.push_back(&sight);
      Candidate candidate(*seen_);
      const auto troubles = candidate.make(counted_);
      if (troubles.empty()) return candidate;
      for (const auto& trouble : troubles)
        counted_[trouble.sight]->finding->obstacle = Obstacle{trouble.reason, {}};
    }
  }

  [[nodiscard]] std::shared_ptr<const ConfChange> lead_change(const Candidate& candidate,
                                                              std::vector<FileChange> files,
                                                              bool restart) const {
    auto change = std::make_shared<ConfChange>();
    change->lead = true;
    change->restart = restart;
    change->files = std::move(files);
    prepare_trial(*change, candidate.files());
    return change;
  }

  void settle_files(Sight& sight, const Candidate& candidate, const std::shared_ptr<const ConfChange>& lead,
                    const std::string& restart, const std::string& slurmd_restart) {
    auto& finding = *sight.finding;
    const bool leads = sight.host == lead_;
    if (sight.leaving || std::holds_alternative<Unknown>(finding.observation)) {
      finding.payload = nullptr;
      return;
    }
    sight.declaration = declared(sight.declaration, candidate, leads);
    const auto* present = std::get_if<Present>(&finding.observation);
    if (present != nullptr)
      for (const auto& [name, digest] : present->attributes)
        if (const auto* wanted = sight.declaration->attributes.find(name);
            wanted != nullptr && name != files_loaded && *wanted != digest)
          finding.before_images.push_back({fmt::format("{}/{}", conf_folder, name), 0});
    if (leads) {
      finding.payload = lead;
      finding.text_diff = candidate.diff();
      disturb(finding, "slurmctld", restart, "reads its configuration again, and so does every slurmd");
      return;
    }
    const bool reread = lead->files.empty() || candidate.grows(std::string(sight.host));
    const auto* plan = files_plan(*sight.declaration);
    const bool backup = plan != nullptr && plan->backup;
    const auto change =
        follower_change(candidate, present, !slurmd_restart.empty(), reread, backup && lead->restart);
    for (const auto& file : change->files) finding.bytes_to_send += file.bytes.size();
    finding.payload = change;
    if (!slurmd_restart.empty()) disturb(finding, "slurmd", slurmd_restart, "");
  }

  static void disturb(Finding& finding, std::string daemon, const std::string& restart,
                      std::string_view otherwise) {
    finding.disturbs.push_back(
        {Disturbance::Kind::service, std::move(daemon),
         restart.empty() ? std::string(otherwise) : fmt::format("restarted: {}", restart)});
  }

  /// The same for all hosts but the leading one.
  DeclarationPtr declared(const DeclarationPtr& declaration, const Candidate& candidate, bool leads) {
    auto& settled = settled_[declaration.get()];
    if (settled != nullptr) return settled;
    auto changed = std::make_shared<Declaration>(*declaration);
    for (const auto& [path, digest] : digests_of(candidate))
      changed->attributes.set(below_conf_folder(path), "sha256:" + digest);
    if (leads) changed->attributes.set(files_loaded, true);
    settled = std::move(changed);
    return settled;
  }

  /// Of the files that a host can be given.
  const std::map<std::string, std::string>& digests_of(const Candidate& candidate) {
    if (!digests_.empty()) return digests_;
    for (const auto& [path, text] : candidate.files().files())
      if (!below_conf_folder(path).empty() && (seen_->texts.contains(path) || !text.text().empty()))
        digests_[path] = sha256_hex(text.text());
    return digests_;
  }

  /// Hosts that have the same get the same: there may be thousands.
  std::shared_ptr<const ConfChange> follower_change(const Candidate& candidate, const Present* present,
                                                    bool restart, bool reread, bool restart_backup) {
    auto change = std::make_shared<ConfChange>();
    change->restart = restart;
    change->restart_backup = restart_backup;
    change->reread = reread;
    std::string key = fmt::format("{} {}", reread, restart_backup);
    for (const auto& [path, wanted] : digests_of(candidate)) {
      const auto seen =
          present == nullptr ? std::string_view{} : present->attributes.text(below_conf_folder(path));
      const std::string digest(seen.empty() ? "none" : seen.substr(seen.find(':') + 1));
      if (digest != wanted) change->files.push_back({path, digest, wanted, {}, {}});
      key += ' ' + digest;
    }
    auto& known = followers_[key];
    if (known != nullptr) return known;
    for (auto& file : change->files) file.bytes = candidate.files().files().at(file.path).text();
    known = std::move(change);
    return known;
  }

  std::span<Sight> group_;
  std::shared_ptr<const ConfSeen> seen_;
  std::string lead_, name_of_lead_;
  std::vector<const Sight*> counted_;
  std::map<const Declaration*, DeclarationPtr> settled_;
  std::map<std::string, std::string> digests_;                          ///< of what comes, by path
  std::map<std::string, std::shared_ptr<const ConfChange>> followers_;  ///< by what they have
};

}  // namespace

void settle_conf(std::span<Sight> group) { Settlement(group).settle(); }

}  // namespace tidelock::slurm
