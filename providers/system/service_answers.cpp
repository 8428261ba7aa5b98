#include "providers/system/service_answers.hpp"

#include <algorithm>

#include "engine/base/text.hpp"
#include "providers/system/records.hpp"

namespace tidelock::system {
namespace {

using Facts = std::map<std::string_view, std::string_view>;

std::string fact(const Facts& facts, std::string_view name) {
  const auto found = facts.find(name);
  return found == facts.end() ? std::string() : std::string(found->second);
}

/// "Key=value" lines, an empty line between two units. Each must be about the unit whose turn it is: any
/// other number or order means that nothing can be said.
void parse_state(ServiceAnswers& answers, const std::string& text, const std::vector<std::string>& units) {
  std::vector<Facts> blocks(1);
  for (const auto line : split(text, '\n')) {
    const auto equals = line.find('=');
    if (line.empty() && !blocks.back().empty()) blocks.emplace_back();
    if (equals != std::string_view::npos) blocks.back()[line.substr(0, equals)] = line.substr(equals + 1);
  }
  if (blocks.back().empty()) blocks.pop_back();
  if (blocks.size() != units.size()) return;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const auto names = fact(blocks[i], "Names");
    const auto load = fact(blocks[i], "LoadState");
    const auto active = fact(blocks[i], "ActiveState");
    if (!holds(split(names, ' '), std::string_view(units[i])) || load.empty() || active.empty()) continue;
    answers.units[units[i]] = {load, active, fact(blocks[i], "UnitFileState"),
                               fact(blocks[i], "FragmentPath"), fact(blocks[i], "CanReload") == "yes"};
  }
}

/// "DIGEST  PATH" lines, and "uid gid mode inode size mtime ctime path" lines.
std::map<std::string, SecretsFile, std::less<>> parse_secrets(const std::string& sums,
                                                              const std::string& stats) {
  constexpr std::size_t digest_size = 64;
  std::map<std::string, SecretsFile, std::less<>> files;
  for (const auto line : split(sums, '\n'))
    if (line.size() > digest_size + 2)
      files[std::string(line.substr(digest_size + 2))].sha256 = line.substr(0, digest_size);
  for (const auto line : split(stats, '\n')) {
    const auto slash = line.find('/');
    if (slash == std::string_view::npos) continue;
    const auto file = files.find(line.substr(slash));
    if (file == files.end()) continue;
    file->second.identity = line.substr(0, slash);
    file->second.is_private = line.starts_with("0 0 600 ");
  }
  return files;
}

std::vector<std::string_view> fields(std::string_view line) {
  auto words = split(line, ' ');
  std::erase(words, std::string_view());
  return words;
}

/// Lines of /proc/net/tcp.
std::vector<Listening> parse_listening(const std::string& text) {
  std::vector<Listening> all;
  for (const auto line : split(text, '\n')) {
    const auto words = fields(line);
    if (words.size() < 10) continue;
    const auto colon = words[1].rfind(':');
    const auto port =
        colon == std::string_view::npos ? std::nullopt : number_in(words[1].substr(colon + 1), 16);
    if (port && number_in(words[9])) all.push_back({*port, std::string(words[9])});
  }
  return all;
}

/// "/proc/NUMBER"
std::string_view process_of(std::string_view path) {
  constexpr std::string_view proc = "/proc/";
  if (!path.starts_with(proc)) return {};
  return path.substr(0, path.find('/', proc.size()));
}

/// Names of users by number, from lines of /etc/passwd.
std::map<std::string_view, std::string_view> parse_names(const std::string& text) {
  std::map<std::string_view, std::string_view> names;
  for (const auto line : split(text, '\n'))
    if (const auto parts = split(line, ':'); parts.size() == 7) names.try_emplace(parts[2], parts[0]);
  return names;
}

/// What grep said of each process: "/proc/NUMBER/cmdline:word", "…/status:Uid:…", "…/cgroup:0::/…".
std::map<std::string_view, Holder> parse_facts(const std::string& text) {
  std::map<std::string_view, Holder> processes;
  std::string_view file;
  for (auto line : split(text, '\n')) {
    const auto process = process_of(line);
    const auto colon = process.empty() ? std::string_view::npos : line.find(':');
    if (colon != std::string_view::npos) {
      file = line.substr(0, colon);
      line.remove_prefix(colon + 1);
    }
    auto& holder = processes[process_of(file)];
    if (file.ends_with("/cmdline")) (holder.command += holder.command.empty() ? "" : " ") += line;
    if (file.ends_with("/cgroup")) holder.groups.emplace_back(line.substr(line.rfind(':') + 1));
    if (file.ends_with("/status") && line.starts_with("Uid:")) {
      const auto parts = split(line, '\t');
      if (parts.size() > 1) holder.user = parts[1];
    }
  }
  return processes;
}

std::map<std::string, std::vector<Holder>, std::less<>> parse_holders(const std::string& found,
                                                                      const std::string& facts,
                                                                      const std::string& users) {
  const auto names = parse_names(users);
  const auto processes = parse_facts(facts);
  std::map<std::string, std::vector<Holder>, std::less<>> holders;
  for (const auto line : split(found, '\n')) {
    constexpr std::string_view socket = " socket:[";
    const auto at = line.find(socket);
    const auto process = process_of(line);
    if (process.empty() || at == std::string_view::npos || !line.ends_with(']')) continue;
    const auto inode = line.substr(at + socket.size(), line.size() - at - socket.size() - 1);
    auto& known = holders[std::string(inode)];
    const auto number = std::string(process.substr(process.rfind('/') + 1));
    if (std::ranges::any_of(known, [&](const Holder& one) { return one.process == number; })) continue;
    const auto told = processes.find(process);
    auto holder = told == processes.end() ? Holder{} : told->second;
    if (const auto name = names.find(holder.user); name != names.end()) holder.user = name->second;
    holder.process = number;
    known.push_back(std::move(holder));
  }
  return holders;
}

}  // namespace

ServiceAnswers parse_service_answers(std::span<const ProbeOutput> outputs,
                                     const std::vector<std::string>& units) {
  ServiceAnswers answers;
  for (const auto& output : outputs) {
    for (Records records(output.records); records.more();) {
      const auto& label = records.take();
      if (label == "state" && records.has(2)) {
        answers.no_systemd = records.take() == "no systemd";
        parse_state(answers, records.take(), units);
      } else if (label == "file" && records.has(4)) {
        auto& file = answers.files[records.take()];
        file.owed = records.take() == "yes";
        file.state = records.take();
        file.text = records.take();
      } else if (label == "secrets" && records.has(2)) {
        const auto& sums = records.take();
        answers.secrets = parse_secrets(sums, records.take());
      } else if (label == "listening" && records.has(1)) {
        answers.listening = parse_listening(records.take());
      } else if (label == "holders" && records.has(3)) {
        const auto& found = records.take();
        const auto& facts = records.take();
        answers.holders = parse_holders(found, facts, records.take());
      }
    }
  }
  return answers;
}

}  // namespace tidelock::system
