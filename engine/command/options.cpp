#include "engine/command/options.hpp"

#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "engine/manifest/value_type.hpp"

namespace tidelock {
namespace {

constexpr std::string_view about =
    "Keeps a Slurm + Apptainer cluster as its manifest says: looks at the hosts, shows a plan, applies "
    "exactly that plan.";

constexpr std::string_view closing =
    R"(MANIFEST is a file, or a folder that holds cluster.yaml (default: the current folder).
Exit status: 0 done or nothing to do, 1 error, 2 changes (plan --detailed-exitcode), 3 applied partly, 4 refused,
5 locked by another apply, 6 the plan is stale, 7 something could not be checked, 8 rolled back, 64 usage.

  tidelock init controller 'node[001-128]' --user admin --become > cluster.yaml
  tidelock plan                       what differs, and why; writes nothing anywhere
  tidelock plan --out today.plan && tidelock apply today.plan
  tidelock explain node001:directory:/opt/apptainers
)";

std::string check_hostlist(const std::string& text) {
  const auto hosts = expand_hostlist(text);
  return hosts ? std::string() : one_line(hosts.error());
}

std::string check_duration(const std::string& text) {
  const auto value = value_type("duration").parse({text, true});
  return value ? std::string() : value.error();
}

/// Binds options to the members of one Options object.
class Parser {
 public:
  Parser() : app_(std::string(about), "tidelock") {
    app_.require_subcommand(1);
    app_.footer(std::string(closing));
    app_.set_help_flag("-h,--help", "Show this help");
    add_verbs();
  }

  std::variant<Options, Exit> parse(int argc, const char* const* argv) {
    if (argc < 2) {
      fmt::print(stderr, "{}", app_.help());
      return Exit::usage;
    }
    if (const auto unknown = unknown_verb(argv[1])) return *unknown;
    if (argv[1] == std::string_view("--version")) {
      options_.verb = "version";
      return options_;
    }
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help
      app_.exit(success);
      return Exit::done;
    } catch (const CLI::ParseError& error) {
      fmt::print(stderr, "error: {}\n  `tidelock {}--help` tells what can be written\n",
                 printable(error.what()), chosen().empty() ? "" : chosen() + " ");
      return Exit::usage;
    }
    options_.verb = chosen();
    settle();
    return options_;
  }

 private:
  /// CLI11 would only say that a subcommand is missing.
  [[nodiscard]] std::optional<Exit> unknown_verb(std::string_view word) const {
    std::vector<std::string> verbs;
    for (const auto* verb : app_.get_subcommands({})) verbs.push_back(verb->get_name());
    if (word.starts_with('-') || holds(verbs, word)) return std::nullopt;
    const auto near = closest(word, verbs);
    fmt::print(stderr, "error: There is no verb {}\n  {}\n", shown(word),
               near ? fmt::format("did you mean {}?", *near) : "there are: " + join(verbs, ", "));
    return Exit::usage;
  }

  [[nodiscard]] std::string chosen() const {
    const auto verbs = app_.get_subcommands();
    return verbs.empty() ? std::string() : verbs.front()->get_name();
  }

  void settle() {
    if (json_) options_.format = Format::json;
    for (auto& approval : approvals_)
      if (approval == "true")
        options_.auto_approve = true;
      else
        options_.approved.push_back(std::move(approval));
    // `rollback MANIFEST`: the run may be left out.
    if (std::error_code error;
        options_.verb == "rollback" && std::filesystem::exists(options_.address, error))
      options_.manifest = std::exchange(options_.address, {});
    if (!limit_.empty())
      options_.selection.hosts = expand_hostlist(limit_).value_or(std::vector<std::string>{});
    if (const auto seconds = value_type("duration").parse({lock_timeout_, true}))
      options_.lock_timeout = std::chrono::seconds(std::get<std::int64_t>(*seconds));
  }

  void add_verbs() {
    auto* validate =
        verb("validate", "Read the manifest and say everything that is wrong with it; asks no host");
    manifest(validate);

    auto* plan = verb("plan", "Look at the hosts and show what would be done; writes nothing anywhere");
    manifest(plan);
    looking(plan);
    selecting(plan);
    plan->add_option("--out", options_.out, "Save the plan, to apply exactly it later");
    plan->add_option("--observed", options_.observed, "Take what hosts answer from a recording of `observe`");
    plan->add_flag("--detailed-exitcode", options_.detailed_exitcode,
                   "Exit with 2 when there is something to do");
    plan->add_flag("--show-extra", options_.show_extra, "List what exists on hosts and nobody declared");

    auto* apply = verb("apply", "Show the plan, ask, and carry it out");
    manifest(apply, "Manifest, or a plan that was saved by `plan --out`");
    looking(apply);
    selecting(apply);
    approving(apply);
    apply->add_flag("--show-extra", options_.show_extra, "List what exists on hosts and nobody declared");
    locking(apply);
    const std::map<std::string, AfterFailure> ways{{"continue", AfterFailure::go_on},
                                                   {"stop", AfterFailure::stop},
                                                   {"rollback", AfterFailure::roll_back}};
    choice(apply, "--on-failure",
           "What a failure means for the rest: do what does not need it (continue), "
           "begin nothing more (stop), or also bring back what was there before (rollback)",
           ways, [this](AfterFailure way) { options_.on_failure = way; });

    auto* show = verb("show", "Show a saved plan again");
    show->add_option("PLANFILE", options_.manifest, "What `plan --out` wrote")->required();
    formats(show, true);
    show->add_flag("--show-extra", options_.show_extra, "List what existed on hosts and nobody declared");

    auto* explain =
        verb("explain", "Tell everything about one resource: who asked for it, and how it is now");
    explain->add_option("ADDRESS", options_.address, "HOST:KIND:NAME, for example node001:directory:/opt")
        ->required();
    manifest(explain);
    explain->add_option("--observed", options_.observed,
                        "Take what hosts answer from a recording of `observe`");

    auto* graph = verb("graph", "Draw the plan: what is done, and what waits for what");
    graph->add_option("MANIFEST", options_.manifest, "Manifest, or a plan that was saved by `plan --out`")
        ->capture_default_str();
    choice(graph, "--format", "What to write: the DOT language of graphviz, or a picture made by it (svg)",
           std::map<std::string, Picture>{{"dot", Picture::dot}, {"svg", Picture::svg}},
           [this](Picture picture) { options_.picture = picture; });
    graph->add_option("--out", options_.out, "Write it here instead of to stdout");
    graph->add_flag("--all", options_.everything, "Also what stays as it is");
    graph->add_option("--observed", options_.observed,
                      "Take what hosts answer from a recording of `observe`");
    looking(graph);
    selecting(graph);
    common(graph);

    auto* history = verb("history", "List the applies that the hosts remember");
    manifest(history);

    auto* rollback =
        verb("rollback", "Bring back what was there before an apply, and before all that came after it");
    rollback->add_option("RUN", options_.address, "The apply, as `history` names it (default: the last one)");
    manifest(rollback);
    selecting(rollback);
    approving(rollback);
    locking(rollback);

    auto* forget = verb("forget", "Take resources out of the hosts' ledgers; they stay as they are");
    forget->add_option("ADDRESS", options_.address, "HOST:KIND:NAME, as plans name it, or a pattern")
        ->required();
    manifest(forget);
    locking(forget);

    auto* unlock = verb("unlock", "Take the cluster's lock from an apply that will never end");
    unlock->add_option("ID", options_.address, "The lock, as whoever was refused was told")->required();
    manifest(unlock);

    auto* observe =
        verb("observe", "Record what the hosts answer, for `plan --observed`; writes nothing on them");
    manifest(observe);
    looking(observe);
    observe->add_option("--out", options_.out, "Where to write the recording")->required();

    auto* init =
        verb("init", "Write a starter manifest: asks the hosts what they have and writes nothing on them");
    init->add_option("HOSTLIST", options_.hosts, "Hosts, as Slurm writes them: login 'node[001-128]'")
        ->required()
        ->check(CLI::Validator(check_hostlist, "HOSTLIST"));
    init->add_option("--user", options_.user, "Log in as this user");
    init->add_flag("--become", options_.become, "Become root with sudo (without a password)");
    init->add_option("--identity", options_.identities, "Private key to log in with");
    init->add_option("--known-hosts", options_.known_hosts, "File with the hosts' keys");
    init->add_option("--out", options_.out, "Write the manifest here instead of to stdout");
    common(init);

    formats(verb("version", "Say which version this is"), false);
  }

  CLI::App* verb(const std::string& name, const std::string& description) {
    auto* added = app_.add_subcommand(name, description);
    added->set_help_flag("-h,--help", "Show this help");
    return added;
  }

  void manifest(CLI::App* verb, const std::string& description = "File, or folder that holds cluster.yaml") {
    verb->add_option("MANIFEST", options_.manifest, description)->capture_default_str();
    formats(verb, verb->get_name() == "plan");
  }

  void formats(CLI::App* verb, bool markdown) {
    std::map<std::string, Format> names{{"text", Format::text}, {"json", Format::json}};
    if (markdown) names.emplace("markdown", Format::markdown);
    choice(verb, "--format", "How to write the answer", names,
           [this](Format format) { options_.format = format; });
    verb->add_flag("--json", json_, "The same as --format json");
    common(verb);
  }

  /// An option with a few words to choose from. CLI11's own transformers show what the words stand for, in
  /// raw bytes.
  template <class Choice>
  static void choice(CLI::App* verb, const std::string& name, const std::string& description,
                     const std::map<std::string, Choice>& words, auto take) {
    std::vector<std::string> names;
    for (const auto& word : words) names.push_back(word.first);
    verb->add_option_function<std::string>(
            name, [words, take](const std::string& word) { take(words.at(word)); }, description)
        ->check(CLI::IsMember(names))
        ->option_text(join(names, "|"));
  }

  void common(CLI::App* verb) {
    const std::map<std::string, When> when{
        {"auto", When::automatic}, {"always", When::always}, {"never", When::never}};
    choice(verb, "--color", "Colours; NO_COLOR in the environment counts as never", when,
           [this](When colour) { options_.colour = colour; });
    verb->add_option("--log-level", options_.log_level, "What to tell on stderr about the work itself")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->option_text("trace|debug|info|warn|error|off");
    verb->add_option("--parallelism", options_.parallelism, "Hosts to talk to at once")
        ->check(CLI::Range(1U, 1024U))
        ->option_text("N (default 64)");
  }

  void approving(CLI::App* verb) {
    verb->add_flag(
        "--auto-approve", approvals_,
        "Do not ask. With =ADDRESS: make this change, which has to be approved by name; may be repeated");
  }

  void locking(CLI::App* verb) {
    verb->add_option("--lock-timeout", lock_timeout_, "How long to wait for another apply to end")
        ->check(CLI::Validator(check_duration, "DURATION"))
        ->capture_default_str();
  }

  void looking(CLI::App* verb) {
    verb->add_flag("--rehash", options_.rehash,
                   "Read every image again instead of believing remembered digests");
  }

  void selecting(CLI::App* verb) {
    verb->add_option("--target", options_.selection.targets,
                     "Only these addresses; a pattern, may be repeated")
        ->option_text("ADDRESS-GLOB ...");
    verb->add_option("--exclude", options_.selection.excludes,
                     "Not these addresses; a pattern, may be repeated")
        ->option_text("ADDRESS-GLOB ...");
    verb->add_option("--only", options_.selection.kinds, "Only resources of this kind; may be repeated")
        ->option_text("KIND ...");
    verb->add_option("--limit", limit_, "Only these hosts")
        ->check(CLI::Validator(check_hostlist, "HOSTLIST"));
    verb->add_option("--max-deletions", options_.max_deletions,
                     "Refuse a plan that deletes more than this; wins over the manifest's policy")
        ->check(CLI::NonNegativeNumber)
        ->option_text("N");
  }

  CLI::App app_;
  Options options_;
  bool json_ = false;
  std::string limit_;
  std::string lock_timeout_ = "30s";
  std::vector<std::string> approvals_;  ///< "true" for the flag alone
};

}  // namespace

std::variant<Options, Exit> parse_command_line(int argc, const char* const* argv) {
  return Parser().parse(argc, argv);
}

}  // namespace tidelock
