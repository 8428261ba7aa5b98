#include "providers/slurm/conf/stepping.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/value_types.hpp"
#include "providers/common/files.sh.hpp"
#include "providers/slurm/conf/kinds.hpp"
#include "providers/slurm/conf_steps.sh.hpp"

namespace tidelock::slurm {
namespace {

using embedded::common_files_sh;
using embedded::slurm_conf_steps_sh;

constexpr std::chrono::seconds write_limit{60};
constexpr std::chrono::seconds trial_limit{90};
constexpr std::chrono::seconds settle_limit{400};  // both ways, with every wait in it

std::string digest_of(std::string_view value) {
  return value.empty() ? "none" : std::string(value.substr(value.find(':') + 1));
}

/// What was there before, from where the host keeps it.
std::shared_ptr<const ConfChange> change_back(const Change& change, const FilesPlan& plan) {
  auto back = std::make_shared<ConfChange>();
  back->lead = plan.lead;
  back->restart = plan.lead;  // what differs is not known here: it may be something that is read at the start
  back->reread = true;
  if (const auto seen = std::dynamic_pointer_cast<const ConfSeen>(change.payload))
    prepare_trial(*back, seen->files);
  for (const auto& [name, value] : change.declaration->attributes) {
    const auto path = fmt::format("{}/{}", conf_folder, name);
    const auto kept = plan.kept.find(path);
    const auto before = digest_of(change.before ? change.before->text(name) : "");
    const auto wanted = digest_of(text_of(value));
    if (kept != plan.kept.end() && before != wanted && !below_conf_folder(path).empty())
      back->files.push_back({path, before, wanted, {}, kept->second});
  }
  return back;
}

class ConfStepper {
 public:
  ConfStepper(std::vector<Step>& steps, std::span<const Change* const> changes)
      : steps_(steps), changes_(changes) {}

  void add() {
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (is_conf_kind(changes_[i]->declaration->kind)) all_.push_back(i);
    if (all_.empty()) return;
    const auto change = find();
    if (change == nullptr) return;
    if (change->lead)
      add_lead(*change);
    else
      add_follower(*change);
  }

 private:
  /// They carry the same one; a way back makes its own.
  [[nodiscard]] std::shared_ptr<const ConfChange> find() const {
    for (const auto i : all_) {
      const auto* plan = files_plan(*changes_[i]->declaration);
      if (plan != nullptr && !plan->kept.empty()) return change_back(*changes_[i], *plan);
    }
    for (const auto i : all_)
      if (auto change = std::dynamic_pointer_cast<const ConfChange>(changes_[i]->payload)) return change;
    return nullptr;
  }

  void add_lead(const ConfChange& change) {
    std::string hosts = "127.0.0.1 localhost\n";
    for (const auto& host : change.hosts) hosts += fmt::format("192.0.2.1 {}\n", host);
    Script trial(slurm_conf_steps_sh, "slurm_try");
    trial.argument(change.slurm_user).argument(fmt::to_string(hosts.size()));
    Script configure(slurm_conf_steps_sh, "slurm_configure");
    configure.argument(change.restart ? "restart" : "reconfigure");
    std::string bytes;
    for (const auto& file : change.files) {
      const auto size = fmt::to_string(file.bytes.size());
      const auto kept = file.kept.empty() ? "-" : file.kept;
      trial.argument(file.path).argument(file.sha256).argument(size).argument(kept);
      configure.argument(file.path).argument(file.seen).argument(file.sha256).argument(size).argument(kept);
      bytes += file.bytes;
    }
    if (!change.files.empty()) {
      trial.input(bytes + hosts);
      add(std::move(trial), "try the configuration on a slurmctld of its own", trial_limit);
      steps_.back().rehearses = true;
    }
    configure.input(bytes);
    add(std::move(configure).with(common_files_sh),
        change.restart ? "write the configuration and restart slurmctld"
                       : "write the configuration and have it read",
        settle_limit);
  }

  void add_follower(const ConfChange& change) {
    for (const auto& file : change.files) {
      const auto folder = file.path.substr(0, file.path.rfind('/'));
      if (folder != conf_folder || changes_[all_.front()]->action == Action::create)
        add(Script(slurm_conf_steps_sh, "slurm_conf_folder").argument(folder), "make " + folder, write_limit);
      auto script =
          file.kept.empty() ? Script(common_files_sh, "files_put") : Script(common_files_sh, "files_restore");
      script.argument(file.path).argument(file.sha256).argument(file.seen);
      if (!file.kept.empty()) script.argument(file.kept);
      script.argument("-").argument("-").argument(file.seen == "none" ? "0644" : "-");
      if (file.kept.empty()) script.input(file.bytes);
      add(std::move(script), "write " + file.path, write_limit);
    }
    if (!change.restart && !change.restart_backup && !change.reread) return;
    const auto word = [&](bool restart) { return restart ? "restart" : change.reread ? "reload" : "-"; };
    add(Script(slurm_conf_steps_sh, "slurm_reread")
            .argument(word(change.restart))
            .argument(word(change.restart_backup)),
        "have Slurm's daemons act on it", write_limit);
  }

  void add(Script script, std::string what, std::chrono::seconds limit) {
    steps_.push_back({all_, std::move(what), limit, ScriptStep{std::move(script)}});
  }

  std::vector<Step>& steps_;
  std::span<const Change* const> changes_;
  std::vector<std::size_t> all_;
};

}  // namespace

void add_conf_steps(std::vector<Step>& steps, std::span<const Change* const> changes) {
  ConfStepper(steps, changes).add();
}

}  // namespace tidelock::slurm
