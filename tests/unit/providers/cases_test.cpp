// Runs providers/*/cases/*.yaml: what a kind makes of recorded answers, without a host. A case has
//   declare:  text: sections of a node type that one node, n1, has
//   cluster:  text: sections at the top of the manifest
//   files:    local files beside the manifest
//   ledger:   what was applied before: [kind, name, attributes], or nothing; numbers have the tag !int
//   show_input: whether what a step gets on its stdin is shown
//   before:   instead of what is declared, what the host's history says: [kind, name, attributes, {path:
//   kept}] answers:  for each round, the records that the family's questions got
// and the file with .expected behind says what is asked, planned and done.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "engine/apply/schedule.hpp"
#include "engine/base/text.hpp"
#include "engine/model/graph.hpp"
#include "engine/plan/plan.hpp"
#include "engine/plan/resets.hpp"
#include "engine/plan/settling.hpp"
#include "engine/plan/standing.hpp"
#include "engine/probe/recording.hpp"
#include "engine/report/diagnostic_text.hpp"
#include "engine/report/plan_text.hpp"
#include "providers/context.hpp"
#include "tests/unit/golden.hpp"

namespace tidelock {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> all_cases() {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TIDELOCK_SOURCE_DIR) / "providers"))
    if (entry.path().parent_path().filename() == "cases" && entry.path().extension() == ".yaml")
      cases.push_back(entry.path());
  std::ranges::sort(cases);
  return cases;
}

/// Answers from the case, and notes what was asked.
class CaseInterview final : public Interview {
 public:
  CaseInterview(const YAML::Node& answers, std::string ledger)
      : answers_(answers), ledger_(std::move(ledger)) {}

  Result<Answers> ask(std::span<const Question> questions) override {
    Answers answers;
    for (const auto& question : questions) {
      if (question.section == ledger_section) {
        answers[question.section] =
            ledger_.empty() ? ProbeOutput{{"none"}, 0} : ProbeOutput{{"ledger", ledger_}, 0};
        continue;
      }
      for (const auto& script : question.probe.scripts) note(script);
      ProbeOutput output;
      if (round_ < answers_.size())
        for (const auto& record : answers_[round_]) output.records.push_back(record.as<std::string>());
      answers[question.section] = std::move(output);
    }
    ++round_;
    return answers;
  }

  std::string asked;

 private:
  void note(const Script& script) {
    asked += script.function();
    for (const auto& argument : script.arguments()) asked += ' ' + shell_word(argument);
    asked += '\n';
  }

  YAML::Node answers_;
  std::string ledger_;
  std::size_t round_ = 0;
};

Value applied_value(const YAML::Node& node) {
  if (node.IsSequence()) return node.as<std::vector<std::string>>();
  if (node.Tag() == "!int") return node.as<std::int64_t>();
  return node.as<std::string>();
}

std::string ledger_text(const YAML::Node& entries) {
  if (!entries) return {};
  Ledger ledger{"case", "t", "key", {}};
  for (const auto& entry : entries) {
    LedgerEntry known;
    known.applied.emplace();
    for (const auto& attribute : entry[2])
      known.applied->set(attribute.first.as<std::string>(), applied_value(attribute.second));
    known.created = true;
    if (entry.size() > 3) known.memory = entry[3].as<std::string>();
    ledger.entries[{entry[0].as<std::string>(), entry[1].as<std::string>()}] = known;
  }
  return format_ledger(ledger);
}

Value value_of(const YAML::Node& node) {
  if (node.IsSequence()) return node.as<std::vector<std::string>>();
  const auto text = node.as<std::string>();
  if (text == "true" || text == "false") return text == "true";
  if (text.starts_with("hidden:")) return Hidden{text.substr(7)};
  return text;
}

/// What a host had, as its history tells.
Blueprint past_of(const YAML::Node& records, const Registry& registry) {
  std::vector<DeclarationPtr> declarations;
  for (const auto& record : records) {
    const ResourceKey key{record[0].as<std::string>(), record[1].as<std::string>()};
    Attributes attributes;
    for (const auto& attribute : record[2])
      attributes.set(attribute.first.as<std::string>(), value_of(attribute.second));
    KeptPaths kept;
    for (const auto& place : record[3]) kept[place.first.as<std::string>()] = place.second.as<std::string>();
    declarations.push_back(registry.of_kind(key.kind)->recall(key, attributes, kept));
  }
  return blueprint_of(declarations);
}

HostObservation seen_again(const GraphHost& host, const Registry& registry, Interview& interview) {
  Focus focus;
  for (std::size_t i = 0; i < host.blueprint->items.size(); ++i) focus.items.push_back(i);
  return observe_again(host, focus, registry, interview, {});
}

std::string indented(std::string_view text) {
  std::string lines;
  for (const auto line : split(text, '\n'))
    if (!line.empty()) lines += fmt::format("    {}\n", line);
  return lines;
}

std::string step_text(const PlannedStep& step, bool show_input) {
  if (const auto* upload = std::get_if<UploadStep>(&step.step.action))
    return fmt::format("{}: upload {} to {}/{} against {}\n", step.step.what,
                       upload->source.filename().native(), upload->stage, upload->name, upload->basis);
  const auto& script = std::get<ScriptStep>(step.step.action).script;
  std::string text = fmt::format("{}: {}", step.step.what, script.function());
  for (const auto& argument : script.arguments()) text += ' ' + shell_word(argument);
  if (show_input && script.input()) return text + " <\n" + indented(*script.input());
  return text + (script.input() ? fmt::format(" < {} bytes\n", script.input()->size()) : "\n");
}

class Case : public ::testing::TestWithParam<fs::path> {};

TEST_P(Case, GivesWhatIsExpected) {
  const auto file = GetParam();
  const auto document = YAML::LoadFile(file);
  const auto folder = fs::path(::testing::TempDir()) / fs::path("tidelock-case-" + file.stem().native());
  fs::create_directories(folder);
  if (document["files"])
    for (const auto& local : document["files"]) {
      const auto path = folder / local.first.as<std::string>();
      fs::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << local.second.as<std::string>();
    }
  std::ofstream manifest(folder / "cluster.yaml");
  manifest << "tidelock: 1\ncluster: case\nnodes: { n1: { type: t } }\nnode_types:\n  t:\n";
  const auto declared = document["declare"].as<std::string>("{}");
  for (const auto line : split(declared, '\n')) manifest << "    " << line << '\n';
  manifest << document["cluster"].as<std::string>("");
  manifest.close();

  const Registry registry(make_providers({folder / "cache", false}));
  const Schema schema(registry.fragments());
  Diagnostics diagnostics;
  const auto loaded = load_manifest(folder / "cluster.yaml", schema, diagnostics);
  ASSERT_TRUE(loaded) << diagnostics_text(diagnostics, Style(false));
  const Cancellation cancel;
  const ExpandContext context{*loaded, [&](const Node& node) { return resolve_secret(node, cancel); }};
  auto graph = build_graph(context, registry, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics_text(diagnostics, Style(false));

  CaseInterview interview(document["answers"], ledger_text(document["ledger"]));
  auto& host = graph.hosts.front();
  if (document["before"]) host.blueprint = std::make_shared<Blueprint>(past_of(document["before"], registry));
  std::vector<HostObservation> seen{document["before"] ? seen_again(host, registry, interview)
                                                       : observe_host(host, registry, interview, {})};
  const auto wanted = settled(with_resets(graph, seen, registry), seen, registry);
  const auto plan = make_plan(wanted, seen, {});
  const Schedule schedule(plan, registry, {"n1"}, {StepContext{"admin", "run"}});
  std::string actual =
      "# asked\n" + interview.asked + "\n# planned\n" + plan_text(plan, Style(false), true) + "\n# done\n";
  for (const auto& step : schedule.steps()) actual += step_text(step, document["show_input"].as<bool>(false));
  const auto place = fs::relative(folder).native() + '/';  // messages show the way from here
  for (auto at = actual.find(place); at != std::string::npos; at = actual.find(place))
    actual.erase(at, place.size());
  for (auto at = actual.find(folder.native() + '/'); at != std::string::npos;
       at = actual.find(folder.native() + '/'))
    actual.erase(at, folder.native().size() + 1);
  fs::remove_all(folder);
  testing::expect_golden(fs::path(file).replace_extension(".expected"), actual);
}

INSTANTIATE_TEST_SUITE_P(Providers, Case, ::testing::ValuesIn(all_cases()), [](const auto& tested) {
  auto name =
      tested.param.parent_path().parent_path().filename().native() + '_' + tested.param.stem().native();
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
});

}  // namespace
}  // namespace tidelock
