#include "providers/common/holders.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/common/holders.sh.hpp"

namespace tidelock {

/// Reads the records of holders.sh, in their order.
class HoldersParser {
 public:
  HoldersParser(std::span<const std::string> records, std::size_t& at) : records_(records), at_(at) {}

  std::optional<Holders> parse() {
    read_names();
    read_places();
    if (!starts("uses")) return std::nullopt;
    while (more_paths()) add_use(take());
    if (!starts("programs")) return std::nullopt;
    while (more_paths()) add_program(take());
    if (!starts("loops")) return std::nullopt;
    while (more_paths()) add_use(take());
    if (!starts("holders end")) return std::nullopt;
    return std::move(holders_);
  }

 private:
  [[nodiscard]] bool more() const { return at_ < records_.size(); }
  [[nodiscard]] bool more_paths() const { return more() && records_[at_].starts_with('/'); }
  std::string_view take() { return more() ? std::string_view(records_[at_++]) : std::string_view(); }

  bool starts(std::string_view label) {
    if (!more() || records_[at_] != label) return false;
    ++at_;
    return true;
  }

  /// "/proc/4711/comm:nginx" and "/proc/4711/cgroup:job_17", a line each.
  void read_names() {
    const auto read = [&](std::string_view between, auto& table) {
      for (const auto line : split(take(), '\n'))
        if (const auto found = line.find(between); found != std::string_view::npos)
          table[line.substr(0, found)] = line.substr(found + between.size());
    };
    read("/comm:", commands_);
    read("/cgroup:job_", jobs_);
  }

  void read_places() {
    while (more_paths() && at_ + 1 < records_.size() && records_[at_ + 1].starts_with('/')) {
      const auto path = take();
      places_[path] = std::string(take()) + '/';
    }
  }

  /// "/proc/4711/fd/3 FILE/", "/sys/block/loop0/loop/backing_file FILE/"
  void add_use(std::string_view use) {
    const auto file = use.substr(std::min(use.size(), use.find(' ') + 1));
    for (const auto& [path, place] : places_)
      if (file.starts_with(place)) add(path, use);
  }

  /// "/proc/4711/cmdline:WORD"
  void add_program(std::string_view use) {
    for (const auto& [path, place] : places_)
      if (use.contains(place) || use.contains(std::string(path) + '/')) add(path, use);
  }

  void add(std::string_view path, std::string_view use) {
    const auto [name, kind] = user(use);
    holders_.users_[std::string(path)].emplace(name, kind);
  }

  [[nodiscard]] std::pair<std::string, Disturbance::Kind> user(std::string_view use) const {
    constexpr std::string_view processes = "/proc/";
    if (!use.starts_with(processes)) return {"a loop device", Disturbance::Kind::other};
    const auto folder = use.substr(0, use.find('/', processes.size()));
    const auto job = jobs_.find(folder);
    if (job != jobs_.end()) return {fmt::format("job {}", printable(job->second)), Disturbance::Kind::job};
    const auto command = commands_.find(folder);
    return {fmt::format("process {} ({})", printable(folder.substr(processes.size())),
                        command == commands_.end() ? "?" : printable(command->second)),
            Disturbance::Kind::process};
  }

  std::span<const std::string> records_;
  std::size_t& at_;
  std::map<std::string_view, std::string_view> commands_, jobs_;  ///< by folder in /proc
  std::map<std::string_view, std::string> places_;                ///< by path, where it really is
  Holders holders_;
};

Script Holders::question(std::span<const std::string> paths) {
  Script script(embedded::common_holders_sh, "holders");
  for (const auto& path : paths) script.argument(path);
  return script;
}

std::optional<Holders> Holders::parse(std::span<const std::string> records, std::size_t& at) {
  return HoldersParser(records, at).parse();
}

std::vector<Disturbance> Holders::disturbances(std::string_view path, const std::string& effect) const {
  std::vector<Disturbance> result;
  if (const auto known = users_.find(path); known != users_.end())
    for (const auto& [name, kind] : known->second) result.push_back({kind, name, effect});
  return result;
}

std::optional<Obstacle> Holders::pending(std::string_view path) const {
  const auto known = users_.find(path);
  if (known == users_.end()) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& [name, kind] : known->second) names.push_back(name);
  return Obstacle{fmt::format("pending: {} {} it; it is deleted when nobody does", join(names, ", "),
                              names.size() == 1 ? "uses" : "use"),
                  {}};
}

}  // namespace tidelock
