#include "providers/system/service_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/digest.hpp"
#include "engine/base/line_diff.hpp"
#include "engine/base/text.hpp"
#include "providers/system/service_plan.hpp"
#include "providers/system/services.sh.hpp"

namespace tidelock::system {
namespace {

using embedded::system_services_sh;
using Words = std::vector<std::string>;

/// What `running` is where the running processes are those of an older unit.
constexpr std::string_view outdated = "with what was there before";

bool is_service(const Subject& subject) { return subject.declaration->kind == "service"; }

Words units_of(std::span<const Subject> subjects) {
  Words units;
  for (const auto& subject : subjects)
    if (is_service(subject)) units.push_back(unit_name(*subject.declaration));
  return units;
}

Script script_for(ShellText function, const Words& words) {
  Script script(system_services_sh, function);
  for (const auto& word : words) script.argument(word);
  return script;
}

bool differs(const Declaration& declaration, const Attributes& living, std::string_view attribute) {
  const auto* wanted = declaration.attributes.find(attribute);
  const auto* seen = living.find(attribute);
  return wanted != nullptr && !declaration.ignore.contains(attribute) &&
         (seen == nullptr || *seen != *wanted);
}

bool is_wanted(const Declaration& declaration, std::string_view attribute) {
  const auto* value = declaration.attributes.find(attribute);
  return value != nullptr && *value == Value(true) && !declaration.ignore.contains(attribute);
}

bool has_secrets(const Declaration& declaration) { return declaration.attributes.find("secrets") != nullptr; }

/// The package that may bring the unit.
std::vector<ResourceKey> package_of(const Declaration& declaration) {
  for (const auto* keys : {&declaration.inputs, &declaration.after})
    for (const auto& key : *keys)
      if (key.kind == "package") return {key};
  return {};
}

std::string holder_text(const Holder& holder) {
  constexpr std::size_t enough = 80;
  auto command = printable(holder.command);
  if (command.size() > enough) {
    command.resize(enough);
    command += "…";
  }
  return fmt::format("process {} ({}) of user {}", holder.process, command.empty() ? "no command" : command,
                     holder.user.empty() ? "unknown" : printable(holder.user));
}

}  // namespace

void ask_services(Probe& probe, std::span<const Subject> subjects) {
  const auto units = units_of(subjects);
  if (units.empty()) return;
  Words files;
  Words secrets;
  bool ports = false;
  for (const auto& subject : subjects) {
    if (!is_service(subject)) continue;
    const auto& declaration = *subject.declaration;
    if (form_of(declaration) != ServiceForm::state) {
      files.push_back(unit_name(declaration));
      files.push_back(unit_file(declaration));
      secrets.push_back(secrets_file(declaration));
    }
    const auto* plan = service_plan(declaration);
    ports = ports || (plan != nullptr && plan->port);
  }
  probe.scripts.push_back(script_for("services_state", units));
  if (!files.empty()) probe.scripts.push_back(script_for("services_files", files));
  if (!secrets.empty()) probe.scripts.push_back(script_for("services_secrets", secrets));
  if (ports) probe.scripts.push_back(script_for("services_listening", {}));
}

ServiceReader::ServiceReader(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                             const ProbeOptions& options)
    : subjects_(subjects), options_(options), answers_(parse_service_answers(answers, units_of(subjects))) {}

std::optional<std::string> ServiceReader::unanswered(const Subject& subject) const {
  const auto& declaration = *subject.declaration;
  const auto* seen = file(declaration);
  if (answers_.no_systemd) return "systemd does not run on this host";
  if (!answers_.units.contains(unit_name(declaration))) return "systemd gave no clear answer about it";
  if (form_of(declaration) != ServiceForm::state && seen == nullptr)
    return "the host gave no answer about its unit";
  if (has_secrets(declaration) && !answers_.secrets) return "the host gave no answer about its secrets";
  const auto* plan = service_plan(declaration);
  if (plan != nullptr && plan->port && !answers_.listening) return "the host gave no answer about its port";
  return std::nullopt;
}

Finding ServiceReader::finding(const Subject& subject) const {
  Finding finding;
  const auto& declaration = *subject.declaration;
  if (auto reason = unanswered(subject)) {
    finding.observation = Unknown{*std::move(reason)};
    return finding;
  }
  if (subject.leaving) return leaving(subject);
  const auto living = attributes(declaration);
  finding.fingerprint = fingerprint(declaration);
  finding.obstacle = obstacle(declaration, living);
  finding.disturbs = disturbances(declaration, living);
  finding.before_images = before_images(declaration);
  const auto& plan = *service_plan(declaration);
  const auto* seen = file(declaration);
  if (plan.take_over)
    for (const auto& holder : strangers(declaration)) {
      finding.memory += (finding.memory.empty() ? "" : " ") + holder.process;
      finding.irreversible = "what runs on its port now is ended";
    }
  if (seen != nullptr && seen->state == "file" && options_.details && !plan.former && is_utf8(seen->text))
    finding.text_diff = unified_diff(seen->text, plan.text);
  if (is_there(declaration))
    finding.observation = Present{living};
  else
    finding.observation = Absent{};
  return finding;
}

/// What we would take away: our file, or where there is none, that it runs.
Finding ServiceReader::leaving(const Subject& subject) const {
  Finding finding;
  const auto& declaration = *subject.declaration;
  finding.fingerprint = fingerprint(declaration);
  const auto form = form_of(declaration);
  const auto* seen = file(declaration);
  auto living = attributes(declaration);
  const bool idle = living == Attributes{{"enabled", false}, {"running", false}};
  if (form == ServiceForm::state ? idle || unit(declaration).load == "not-found" : seen->state == "none") {
    finding.observation = Absent{};
    return finding;
  }
  if (form != ServiceForm::state) finding.obstacle = file_obstacle(declaration);
  finding.before_images = before_images(declaration);
  if (runs(declaration))
    finding.disturbs = {{Disturbance::Kind::service, declaration.name,
                         form == ServiceForm::drop_in ? "restarted" : "stopped"}};
  finding.observation = Present{std::move(living)};
  return finding;
}

std::vector<BeforeImage> ServiceReader::before_images(const Declaration& declaration) const {
  std::vector<BeforeImage> images;
  if (const auto* seen = file(declaration); seen != nullptr && seen->state == "file")
    images.push_back({unit_file(declaration), seen->text.size()});
  if (answers_.secrets && answers_.secrets->contains(secrets_file(declaration)))
    images.push_back({secrets_file(declaration), 0});
  return images;
}

const UnitState& ServiceReader::unit(const Declaration& declaration) const {
  return answers_.units.find(unit_name(declaration))->second;
}

const UnitFile* ServiceReader::file(const Declaration& declaration) const {
  const auto found = answers_.files.find(unit_file(declaration));
  return found == answers_.files.end() ? nullptr : &found->second;
}

bool ServiceReader::runs(const Declaration& declaration) const {
  const auto& state = unit(declaration).active;
  return state == "active" || state == "reloading";
}

bool ServiceReader::is_there(const Declaration& declaration) const {
  const auto* seen = file(declaration);
  return seen == nullptr ? unit(declaration).load != "not-found" : seen->state != "none";
}

Attributes ServiceReader::attributes(const Declaration& declaration) const {
  const auto& state = unit(declaration).file;
  Attributes living{{"enabled", state == "enabled" || state == "alias"}, {"running", runs(declaration)}};
  const auto* seen = file(declaration);
  if (seen != nullptr && seen->owed && is_wanted(declaration, "running"))
    living.set("running", std::string(outdated));
  if (seen != nullptr && seen->state == "file")
    living.set(form_of(declaration) == ServiceForm::unit ? "unit" : "drop_in",
               "sha256:" + sha256_hex(seen->text));
  if (!has_secrets(declaration)) return living;
  const auto secrets = answers_.secrets->find(secrets_file(declaration));
  if (secrets == answers_.secrets->end()) return living;
  living.set("secrets",
             Hidden{secrets->second.sha256 + (secrets->second.is_private ? "" : " open to others")});
  return living;
}

/// Our files only: whether it runs may change at any time, and by other steps of the same apply. Times stand
/// for the bytes of secrets.
std::string ServiceReader::fingerprint(const Declaration& declaration) const {
  const auto* seen = file(declaration);
  std::string all =
      seen == nullptr ? "" : fmt::format("{} {} {}", seen->state, seen->owed, sha256_hex(seen->text));
  if (has_secrets(declaration) && answers_.secrets)
    if (const auto secrets = answers_.secrets->find(secrets_file(declaration));
        secrets != answers_.secrets->end())
      all += secrets->second.identity;
  return sha256_hex(all);
}

std::optional<Obstacle> ServiceReader::obstacle(const Declaration& declaration,
                                                const Attributes& living) const {
  if (auto file = file_obstacle(declaration)) return file;
  const auto& plan = *service_plan(declaration);
  if (plan.former && plan.kept_file.empty() &&
      (differs(declaration, living, "unit") || differs(declaration, living, "drop_in")))
    return Obstacle{"its unit of before was not kept", {}};
  if (auto enabling = enabling_obstacle(declaration, living)) return enabling;
  return port_obstacle(declaration);
}

std::optional<Obstacle> ServiceReader::file_obstacle(const Declaration& declaration) const {
  const auto form = form_of(declaration);
  const auto* seen = file(declaration);
  const auto& state = unit(declaration);
  if (seen != nullptr && seen->state == "link")
    return Obstacle{fmt::format("a symbolic link is in the way: {}", unit_file(declaration)), {}};
  if (seen != nullptr && seen->state == "odd")
    return Obstacle{
        fmt::format("something else than a regular file is in the way: {}", unit_file(declaration)), {}};
  if (form != ServiceForm::unit && state.load == "not-found")
    return Obstacle{"there is no such service on this host", package_of(declaration)};
  if (state.load == "masked" || state.file == "masked")
    return Obstacle{"it is masked; systemctl unmask allows it", {}};
  const bool of_others = !state.fragment.empty() && state.fragment != unit_file(declaration);
  if (form == ServiceForm::unit && of_others && seen->state == "none")
    return Obstacle{fmt::format("{} has a service of that name; drop_in changes it", shown(state.fragment)),
                    {}};
  return std::nullopt;
}

std::optional<Obstacle> ServiceReader::enabling_obstacle(const Declaration& declaration,
                                                         const Attributes& living) const {
  const auto& state = unit(declaration).file;
  const bool fixed = state == "static" || state == "generated" || state == "transient" || state == "indirect";
  if (form_of(declaration) == ServiceForm::unit || !differs(declaration, living, "enabled") || !fixed)
    return std::nullopt;
  return Obstacle{fmt::format("it cannot be enabled: it is {}; say enabled: false", state), {}};
}

Words ServiceReader::sockets(const Declaration& declaration) const {
  Words inodes;
  const auto* plan = service_plan(declaration);
  if (plan == nullptr || !plan->port || !answers_.listening || runs(declaration) ||
      !is_wanted(declaration, "running"))
    return inodes;
  for (const auto& socket : *answers_.listening)
    if (socket.port == *plan->port) inodes.push_back(socket.inode);
  return inodes;
}

/// Processes that are not of the service and have its port. A process that cannot be seen counts too.
std::vector<Holder> ServiceReader::strangers(const Declaration& declaration) const {
  std::vector<Holder> strangers;
  if (!answers_.holders) return strangers;
  for (const auto& inode : sockets(declaration)) {
    const auto known = answers_.holders->find(inode);
    if (known == answers_.holders->end()) {
      strangers.push_back({"", "", "", {}});
      continue;
    }
    for (const auto& holder : known->second) {
      const bool ours = std::ranges::any_of(holder.groups, [&](const std::string& group) {
        return (group + '/').contains('/' + unit_name(declaration) + '/');
      });
      const bool again =
          std::ranges::any_of(strangers, [&](const Holder& one) { return one.process == holder.process; });
      if (!ours && !again) strangers.push_back(holder);
    }
  }
  return strangers;
}

std::optional<Obstacle> ServiceReader::port_obstacle(const Declaration& declaration) const {
  const auto holders = strangers(declaration);
  if (holders.empty()) return std::nullopt;
  const auto* plan = service_plan(declaration);
  const bool hidden =
      std::ranges::any_of(holders, [](const Holder& holder) { return holder.process.empty(); });
  if (hidden)
    return Obstacle{fmt::format("port {} is held by a process that cannot be seen", *plan->port), {}};
  if (plan->take_over) return std::nullopt;
  const auto more = holders.size() > 1 ? fmt::format(" and {} more", holders.size() - 1) : "";
  return Obstacle{fmt::format("port {} is held by {}{}; end it by hand, or say take_over: true", *plan->port,
                              holder_text(holders.front()), more),
                  {}};
}

std::vector<Disturbance> ServiceReader::disturbances(const Declaration& declaration,
                                                     const Attributes& living) const {
  using Kind = Disturbance::Kind;
  const auto& plan = *service_plan(declaration);
  std::vector<Disturbance> all;
  if (plan.take_over)
    for (const auto& holder : strangers(declaration))
      all.push_back({Kind::process, holder_text(holder), "ended"});
  const auto it_is = [&](const char* effect) { all.push_back({Kind::service, declaration.name, effect}); };
  const bool renewed = differs(declaration, living, "unit") || differs(declaration, living, "drop_in") ||
                       differs(declaration, living, "secrets");
  if (runs(declaration) && differs(declaration, living, "running") && !is_wanted(declaration, "running"))
    it_is("stopped");
  else if (runs(declaration) && (renewed || differs(declaration, living, "running")))
    it_is("restarted");
  else if (runs(declaration) && !declaration.inputs.empty())
    it_is(plan.on_change == "reload" ? "reloaded" : "restarted");
  return all;
}

void ServiceReader::add_question(Probe& probe) const {
  Words inodes;
  for (const auto& subject : subjects_) {
    if (!is_service(subject) || subject.leaving || unanswered(subject)) continue;
    for (auto& inode : sockets(*subject.declaration))
      if (!holds(inodes, inode)) inodes.push_back(std::move(inode));
  }
  if (!inodes.empty()) probe.scripts.push_back(script_for("services_holders", inodes));
}

}  // namespace tidelock::system
