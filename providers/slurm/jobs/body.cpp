#include "providers/slurm/jobs/body.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "engine/base/text.hpp"
#include "providers/slurm/jobs/placeholder.hpp"
#include "providers/slurm/jobs/servers.hpp"
#include "providers/slurm/jobs/shell_variables.hpp"
#include "providers/slurm/jobs/text_places.hpp"

namespace tidelock::slurm {
namespace {

using Words = std::span<const ShellWord>;

/// An absolute path to an image; a colon would make it a list of mounts.
bool is_image(std::string_view text) {
  return text.starts_with('/') && text.ends_with(".sif") && !text.ends_with("/.sif") &&
         text.find_first_of(":,\n") == std::string_view::npos;
}

bool any_of(Words words, const auto& programs) {
  return std::ranges::any_of(
      words, [&](const ShellWord& word) { return word.known && holds(programs, program_name(word.text)); });
}

/// These look at words, or at files, and run nothing that stands behind them.
constexpr auto harmless = std::to_array<std::string_view>(
    {"echo",     "printf",    "[",     "[[",     "test", "ls",       "for",     "select",
     "case",     "stat",      "file",  "logger", ":",    "true",     "false",   "du",
     "df",       "md5sum",    "chmod", "chown",  "grep", "basename", "dirname", "realpath",
     "readlink", "sha256sum", "egrep", "cat",    "head", "which",    "return",  "exit",
     "pkill",    "killall",   "pgrep", "kill",   "trap", "unset",    "alias"});
/// These write the file that stands last,
constexpr auto copiers = std::to_array<std::string_view>({"cp", "ln", "install", "rsync", "scp", "sbcast"});
/// and these who knows which.
constexpr auto makers =
    std::to_array<std::string_view>({"mv", "wget", "curl", "sftp", "dd", "tar", "touch", "unlink", "rm",
                                     "tee", "mksquashfs", "aria2c", "gsutil", "aws", "oras", "skopeo"});
constexpr auto remote = std::to_array<std::string_view>({"ssh", "pdsh", "clush", "sbatch", "at"});
constexpr auto containers = std::to_array<std::string_view>({"apptainer", "singularity"});

/// It may become anything, #SBATCH lines included.
bool is_placeholder(const ShellCommand& command) {
  return command.words.size() == 1 &&
         placeholder_length(command.words.front().text) == command.words.front().text.size();
}

/// Bytes of values in the places of variables. B=$A$A, C=$B$B and so on would fill any memory.
constexpr std::size_t longest_value = 4096;
constexpr std::size_t most_put_in = std::size_t{1} << 20U;

struct NamedImage {
  std::vector<std::string> any_of;
  std::size_t at = 0;
};

class BodyReader final : public ShellListener {
 public:
  BodyReader(const std::string& text, const TextPlaces& places, Diagnostics& diagnostics)
      : text_(text), places_(places), diagnostics_(diagnostics), variables_(variables_of(text)) {}

  void command(const ShellCommand& command) override {
    commands_seen_ |= !is_placeholder(command);
    const auto assignments = assignments_of(text_, command);
    const auto words = Words(command.words).subspan(assignments.program);
    for (const auto& assignment : assignments.all) take(assignment, assignments.last);
    for (const auto& target : command.written)
      if (target.known) made_.insert(target.text);
    make(command.listed);  // candidates, of which one is chosen
    const bool fallback = std::exchange(before_, command.after) == "||";
    if (words.empty() || any_of(words, remote)) return;
    if (sources(words)) return forget(words.front().at.begin);
    const auto images = images_.size();
    look(command, words);
    if (fallback) images_.resize(images);  // what stands before the || may do without
  }

  std::optional<std::string> value_of(std::string_view name, std::size_t at) override {
    const auto use = variables_.find(name);
    const auto value = values_.find(name);
    const bool sure =
        use != variables_.end() && use->second.is_constant() && use->second.first_assignment <= at;
    if (!sure || value == values_.end()) return std::nullopt;
    if (value->second.size() > longest_value || put_in_ > most_put_in) return std::nullopt;
    put_in_ += value->second.size();
    return value->second;
  }

  void changed(std::string_view /*name*/) override {}

  void comment(std::string_view text, std::size_t at) override {
    const bool late = commands_seen_ && !inner_.is_inside() && !late_seen_ && text.starts_with("#SBATCH");
    if (!late || (at > 0 && text_[at - 1] != '\n')) return;
    late_seen_ = true;
    diagnostics_.warning(places_.at(at), "Options come too late",
                         "sbatch passes over #SBATCH lines behind the first command; move this one up");
  }

  [[nodiscard]] BodyUses result() && {
    BodyUses uses;
    put_images(uses);
    ports_.merge(assigned_ports_);
    put_display(uses);
    std::set<std::uint32_t> ports;
    for (const auto& [at, port] : ports_)
      if (ports.insert(port).second) uses.ports.push_back({port, places_.at(at)});
    return uses;
  }

 private:
  void take(const Assignment& assignment, bool lasts) {
    const auto use = variables_.find(assignment.name);
    if (use == variables_.end()) return;
    assigned_[assignment.name].push_back(assignment);
    values_.erase(assignment.name);
    if (!assignment.known || !use->second.is_constant()) return;
    if (lasts) values_[assignment.name] = assignment.value;
    if (is_port_variable(assignment.name))
      if (const auto port = port_in(assignment.value)) assigned_ports_.emplace(assignment.value_at, *port);
    const auto display = assignment.name == "DISPLAY" ? display_in(assignment.value) : std::nullopt;
    if (display && *display > 0)
      assigned_displays_.emplace(assignment.value_at, DisplayUse{*display, false, {}});
  }

  /// Whether a file that nobody knows may change what variables are. What sets up modules and environments
  /// does not.
  static bool sources(Words words) {
    const auto& program = words.front().text;
    if (program == "eval") return true;
    if (program != "source" && program != ".") return false;
    if (words.size() < 2 || !words[1].known) return true;
    const auto& file = words[1].text;
    return !file.starts_with("/etc/") && !file.ends_with("/bin/activate") && !file.contains("/init/");
  }

  void forget(std::size_t at) {
    forgotten_ = at;
    values_.clear();
    assigned_ports_.clear();
    assigned_displays_.clear();
  }

  void look(const ShellCommand& command, Words words) {
    const auto container = std::ranges::find_if(words, [](const ShellWord& word) {
      return word.known && holds(containers, program_name(word.text));
    });
    if (holds(harmless, program_name(words.front().text))) return look_at_test(command, words);
    if (container != words.end()) return look_at_container(command, Words(container, words.end()));
    if (any_of(words, copiers)) return make(words.last(1));
    if (any_of(words, makers)) return make(words);
    for (const auto& word : words.subspan(1)) name_image(word);
    look_for_servers(command, words);
  }

  /// `if [ -f x.sif ]` and `[ -f x.sif ] && …`: there is another way where it is missing.
  void look_at_test(const ShellCommand& command, Words words) {
    constexpr auto tests = std::to_array<std::string_view>({"[", "[[", "test"});
    if (words.front().text == "for" || words.front().text == "select") return make(words);
    if (!holds(tests, words.front().text)) return;
    constexpr auto questions = std::to_array<std::string_view>({"if", "elif", "while", "until"});
    const bool asked =
        command.after == "&&" ||
        std::ranges::any_of(command.lead, [&](const std::string& word) { return holds(questions, word); });
    const bool negated = holds(command.lead, "!") ||
                         std::ranges::any_of(words, [](const ShellWord& word) { return word.text == "!"; });
    if (asked && !negated) make(words);
  }

  void make(Words words) {
    for (const auto& word : words)
      if (word.known) made_.insert(word.text);
  }

  void look_at_container(const ShellCommand& command, Words words) {
    const auto action = next_argument(words, 1);
    if (action == words.size() || !words[action].known) return;
    const auto& verb = words[action].text;
    const auto arguments = words.subspan(action + 1);
    if (verb == "pull") return make(arguments);
    if (verb == "build" && !arguments.empty()) return look_at_build(arguments);
    constexpr auto running = std::to_array<std::string_view>({"exec", "run", "shell", "test", "instance"});
    if (!holds(running, verb)) return;
    const auto image = next_argument(arguments, verb == "instance" ? 1 : 0);
    if (image == arguments.size()) return;
    name_image(arguments[image]);
    const bool own_network = std::ranges::any_of(arguments.first(image), [](const ShellWord& word) {
      return word.text == "--net" || word.text.starts_with("--network");
    });
    if (!own_network) look_for_servers(command, arguments.subspan(image + 1));
  }

  /// The first word from there on that is neither an option of apptainer nor an option's value.
  static std::size_t next_argument(Words words, std::size_t at) {
    constexpr auto with_value = std::to_array<std::string_view>({"-B",
                                                                 "--bind",
                                                                 "--mount",
                                                                 "--env",
                                                                 "--env-file",
                                                                 "-H",
                                                                 "--home",
                                                                 "--pwd",
                                                                 "--cwd",
                                                                 "-W",
                                                                 "--workdir",
                                                                 "-o",
                                                                 "--overlay",
                                                                 "-S",
                                                                 "--scratch",
                                                                 "--app",
                                                                 "--hostname",
                                                                 "--dns",
                                                                 "--network",
                                                                 "--network-args",
                                                                 "--security",
                                                                 "--add-caps",
                                                                 "--drop-caps",
                                                                 "--fusemount",
                                                                 "--nvccli-args",
                                                                 "--config",
                                                                 "--apply-cgroups",
                                                                 "--memory",
                                                                 "--cpus",
                                                                 "--shell"});
    for (; at < words.size() && words[at].text.starts_with('-'); ++at)
      if (holds(with_value, words[at].text)) ++at;
    return std::min(at, words.size());
  }

  /// build [options] target source
  void look_at_build(Words arguments) {
    make(arguments.first(arguments.size() - 1));
    name_image(arguments.back());
  }

  void name_image(const ShellWord& word) {
    if (!word.known) return;
    std::string_view path = word.text;
    if (path.starts_with('-')) path.remove_prefix(std::min(path.find('=') + 1, path.size()));
    if (is_image(path)) images_.push_back({{std::string(path)}, word.inside.begin});
  }

  void look_for_servers(const ShellCommand& command, Words words) {
    for (const auto& [at, display] : displays_of(words)) displays_.emplace(at, display);
    for (const auto& [at, port] : ports_of(words)) ports_.emplace(at, port);
    const auto images = images_.size();
    inner_.read(command, *this);
    images_.resize(images);  // what runs inside of a container has paths of its own
  }

  void put_images(BodyUses& uses) {
    for (const auto& [name, all] : assigned_) put_variable(name, all);
    std::ranges::sort(images_, {}, &NamedImage::at);
    std::set<std::vector<std::string>> seen;
    for (auto& image : images_) {
      const auto is_made = [&](const std::string& path) { return made_.contains(path); };
      const bool alternative = image.any_of.size() == 1 && alternatives_.contains(image.any_of.front());
      if (alternative || std::ranges::any_of(image.any_of, is_made)) continue;
      if (seen.insert(image.any_of).second)
        uses.images.push_back({std::move(image.any_of), places_.at(image.at)});
    }
  }

  void put_variable(const std::string& name, const std::vector<Assignment>& all) {
    const auto is_sure = [&](const Assignment& one) {
      return one.known && one.value_at > forgotten_ && is_image(one.value);
    };
    if (!variables_.find(name)->second.is_plain() || !std::ranges::all_of(all, is_sure)) return;
    NamedImage image{{}, all.front().value_at};
    std::set<std::string> seen;
    for (const auto& one : all)
      if (seen.insert(one.value).second) image.any_of.push_back(one.value);
    if (seen.size() > 1) alternatives_.merge(seen);  // none of them is asked for on its own
    images_.push_back(std::move(image));
  }

  /// Where a server takes it, or else where DISPLAY says it.
  void put_display(BodyUses& uses) {
    std::set<std::uint32_t> numbers;
    for (const auto* all : {&displays_, &assigned_displays_})
      for (const auto& [at, display] : *all) numbers.insert(display.number);
    if (numbers.size() != 1) return;
    auto [at, display] = *(displays_.empty() ? assigned_displays_ : displays_).begin();
    display.at = places_.at(at);
    display.vnc = std::ranges::any_of(displays_, [](const auto& entry) { return entry.second.vnc; });
    uses.displays.push_back(std::move(display));
  }

  const std::string& text_;
  const TextPlaces& places_;
  Diagnostics& diagnostics_;
  std::map<std::string, VariableUse, std::less<>> variables_;
  std::map<std::string, std::string, std::less<>> values_;
  std::map<std::string, std::vector<Assignment>> assigned_;
  std::vector<NamedImage> images_;
  std::set<std::string> made_;
  std::set<std::string> alternatives_;
  std::map<std::size_t, DisplayUse> displays_;
  std::map<std::size_t, std::uint32_t> ports_;
  std::map<std::size_t, DisplayUse> assigned_displays_;
  std::map<std::size_t, std::uint32_t> assigned_ports_;
  std::size_t forgotten_ = 0;  ///< a file that nobody knows was sourced here
  std::string before_;         ///< what ended the command before
  std::size_t put_in_ = 0;
  bool commands_seen_ = false;
  bool late_seen_ = false;
  InnerReader inner_{text_};
};

}  // namespace

BodyUses read_job_body(const std::shared_ptr<const SourceFile>& file, Diagnostics& diagnostics) {
  const TextPlaces places(file);
  BodyReader reader(file->text, places, diagnostics);
  read_shell(file->text, {0, file->text.size()}, reader);
  return std::move(reader).result();
}

}  // namespace tidelock::slurm
