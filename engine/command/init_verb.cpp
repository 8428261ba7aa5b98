#include <charconv>
#include <map>

#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/command/inventory.sh.hpp"
#include "engine/command/verbs.hpp"
#include "engine/probe/fleet.hpp"

namespace tidelock {
namespace {

using Words = std::vector<std::string>;

const Words& usual_directories() {
  static const Words paths{"/opt/apptainers",     "/opt/apptainers/apps",   "/scratch",
                           "/scratch/apptainers", "/scratch/vnc_sandboxes", "/scratch/vnc_sessions",
                           "/scratch/vnc_logs"};
  return paths;
}

struct Directory {
  std::string path, owner, group, mode;
  auto operator<=>(const Directory&) const = default;
};

/// What a host has; hosts with equal facts become one node type.
struct Facts {
  std::int64_t cpus = 0, memory_mib = 0, gpus = 0;
  Words images;
  std::vector<Directory> directories;
  auto operator<=>(const Facts&) const = default;
};

std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<Facts> parse_facts(const Words& facts, const Words& directories) {
  if (facts.size() < 3) return std::nullopt;
  Facts result{number(facts[0]), number(facts[1]), number(facts[2]), {facts.begin() + 3, facts.end()}, {}};
  for (std::size_t i = 0; i + 3 < directories.size(); i += 4) {
    const auto& mode = directories[i + 3];
    result.directories.push_back(
        {directories[i], directories[i + 1], directories[i + 2], mode.size() == 3 ? "0" + mode : mode});
  }
  return result;
}

Result<Facts> ask(Session& session) {
  Script directories(embedded::command_inventory_sh, "init_directories");
  for (const auto& path : usual_directories()) directories.argument(path);
  const std::vector<Question> questions{
      {"facts", {{Script(embedded::command_inventory_sh, "init_facts")}}},
      {"directories", {{std::move(directories)}}},
  };
  LiveInterview interview(session);
  auto answers = interview.ask(questions);
  if (!answers) return std::unexpected(answers.error());
  const auto& facts = answers->at("facts");
  const auto& found = answers->at("directories");
  if (!facts) return std::unexpected(facts.error());
  auto parsed = parse_facts(facts->records, found ? found->records : Words{});
  if (!parsed) return failure("Host gave no clear answer");
  return *parsed;
}

/// A scalar that is safe in YAML whatever it holds.
std::string yaml(std::string_view text) {
  const bool plain =
      !text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_/.-") ==
          std::string_view::npos &&
      text.front() != '-' && text.front() != '.';
  if (plain) return std::string(text);
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

class StarterManifest {
 public:
  explicit StarterManifest(const Options& options) : options_(options) {}

  void add(const std::string& name, const Result<Facts>& facts) {
    if (facts)
      types_[*facts].push_back(name);
    else
      unknown_.emplace(name, facts.error());
  }

  [[nodiscard]] std::string text() const {
    std::string out =
        "# A starter manifest: what the hosts have today. Nothing is managed before it is declared under "
        "node_types.\n"
        "tidelock: 1\n"
        "cluster: my-cluster\n";
    out += fmt::format("connection: {{ {} }}\n", join(connection(), ", "));
    out += "\nnodes:\n" + nodes() + "\nnode_types:\n" + node_types();
    return out;
  }

 private:
  [[nodiscard]] Words connection() const {
    Words parts;
    if (options_.user) parts.push_back("user: " + yaml(*options_.user));
    parts.emplace_back(options_.become ? "become: sudo" : "become: none");
    if (!options_.identities.empty())
      parts.push_back("identity: " + yaml(options_.identities.front().native()));
    if (!options_.known_hosts.empty())
      parts.push_back("known_hosts: " + yaml(options_.known_hosts.front().native()));
    return parts;
  }

  [[nodiscard]] std::string type_name(std::size_t index) const { return fmt::format("type{}", index + 1); }

  [[nodiscard]] std::string nodes() const {
    std::string out;
    std::size_t index = 0;
    for (const auto& [facts, names] : types_) {
      auto line =
          fmt::format("{{ type: {}, cpus: {}, memory: {}M", type_name(index++), facts.cpus, facts.memory_mib);
      if (facts.gpus > 0) line += fmt::format(", gres: {{ gpu: {} }}", facts.gpus);
      out += fmt::format("  {}: {} }}\n", yaml(fold_hosts(names)), line);
    }
    for (const auto& [name, error] : unknown_)
      out += fmt::format("  {}: {{ type: unknown }}  # {}\n", yaml(name), printable(error.summary));
    return out;
  }

  [[nodiscard]] std::string node_types() const {
    std::string out;
    std::size_t index = 0;
    for (const auto& [facts, names] : types_) {
      out += fmt::format("  {}:\n", type_name(index++));
      if (facts.directories.empty()) out += "    directories: {}\n";
      if (!facts.directories.empty()) out += "    directories:\n";
      for (const auto& directory : facts.directories)
        out += fmt::format("      {}: {{ owner: {}, group: {}, mode: \"{}\" }}\n", yaml(directory.path),
                           yaml(directory.owner), yaml(directory.group), directory.mode);
      if (!facts.images.empty())
        out += "    # images found; declare them with `images: { FOLDER: { from: LOCAL-FOLDER } }`\n";
      for (const auto& image : facts.images) out += fmt::format("    #   {}\n", printable(image));
    }
    if (!unknown_.empty()) out += "  unknown: {}\n";
    return out;
  }

  const Options& options_;
  std::map<Facts, Words> types_;
  std::map<std::string, Error> unknown_;
};

Words names_from(const Words& hostlists) {
  Words names;
  for (const auto& hostlist : hostlists)
    for (auto& name : expand_hostlist(hostlist).value_or(Words{}))
      if (!holds(names, name)) names.push_back(std::move(name));
  return names;
}

Connection connection_from(const Options& options) {
  Connection connection;
  connection.user = options.user;
  connection.become = options.become ? Become::sudo : Become::none;
  for (const auto& path : options.identities)
    connection.identities.push_back(std::filesystem::absolute(path));
  for (const auto& path : options.known_hosts)
    connection.known_hosts.push_back(std::filesystem::absolute(path));
  return connection;
}

}  // namespace

Exit run_init(const Options& options, const Wiring& wiring, const Console& console) {
  if (options.out && std::filesystem::exists(*options.out)) {
    console.show(Error{"File is there already", shown(options.out->native()),
                       "a manifest is never overwritten; choose another name"});
    return Exit::refused;
  }
  const auto names = names_from(options.hosts);
  const auto transport = wiring.transport(connection_from(options));
  Fleet fleet(*transport, wiring.cancel, options.parallelism);
  std::vector<Result<Facts>> facts(names.size(), failure("Not asked"));
  for_each_index(names.size(), options.parallelism, [&](std::size_t i) {
    ClusterNode node;
    node.name = node.address = names[i];
    auto session = fleet.session(node);
    facts[i] = session ? ask(**session) : std::unexpected(session.error());
  });
  StarterManifest manifest(options);
  bool complete = true;
  for (std::size_t i = 0; i < names.size(); ++i) {
    manifest.add(names[i], facts[i]);
    if (facts[i]) continue;
    complete = false;
    const auto& why = facts[i].error();
    console.show(Error{fmt::format("{}: {}", names[i], why.summary), why.detail, why.advice});
  }
  if (!options.out) {
    console.answer(manifest.text());
  } else if (auto saved = replace_file(*options.out, manifest.text(), 0644); !saved) {
    console.show(saved.error());
    return Exit::error;
  }
  return complete ? Exit::done : Exit::incomplete;
}

}  // namespace tidelock
