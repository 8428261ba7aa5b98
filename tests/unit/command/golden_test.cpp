// Whole runs of the program, with all that it prints: tests/golden/errors/*.yaml are manifests with something
// wrong, tests/golden/plans/* hold a cluster.yaml and observed.json, a recording of what its hosts answered.
#include "tests/unit/golden.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/base/process.hpp"

namespace tidelock {
namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(TIDELOCK_SOURCE_DIR) / "tests" / "golden";

std::vector<fs::path> entries(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::string name_of(const ::testing::TestParamInfo<fs::path>& tested) {
  auto name = tested.param.stem().native();
  std::ranges::replace_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

/// Runs the program in a folder, with a home and a cache of its own.
std::string run(const fs::path& folder, std::vector<std::string> arguments) {
  const fs::path home = fs::path(::testing::TempDir()) / "tidelock-golden-home";
  fs::create_directories(home);
  std::vector<std::string> command{"env",
                                   "-C",
                                   folder.native(),
                                   "HOME=" + home.native(),
                                   "XDG_CACHE_HOME=" + (home / "cache").native(),
                                   "TERM=dumb",
                                   TIDELOCK_PROGRAM};
  std::ranges::move(arguments, std::back_inserter(command));
  const Cancellation cancel;
  const auto ran = run_process(command, {}, Deadline::in(std::chrono::seconds(60)), cancel);
  if (!ran) return one_line(ran.error());
  auto text = fmt::format("{}{}exit {}\n", ran->output, ran->errors, ran->status);
  for (auto at = text.find(folder.native()); at != std::string::npos; at = text.find(folder.native(), at))
    text.replace(at, folder.native().size(), "<here>");
  return text;
}

class Errors : public ::testing::TestWithParam<fs::path> {};

TEST_P(Errors, AreAllToldAtOnce) {
  const auto& manifest = GetParam();
  const auto actual = run(manifest.parent_path(), {"validate", manifest.filename().native()});
  testing::expect_golden(fs::path(manifest).replace_extension(".expected"), actual);
}

INSTANTIATE_TEST_SUITE_P(Golden, Errors, ::testing::ValuesIn(entries(golden / "errors", ".yaml")), name_of);

class Plans : public ::testing::TestWithParam<fs::path> {};

TEST_P(Plans, ReadAsExpected) {
  // A copy outside of any git repository, whose commit would be in the plan.
  const auto folder = fs::path(::testing::TempDir()) / "tidelock-golden" / GetParam().filename();
  fs::remove_all(folder);
  fs::create_directories(folder.parent_path());
  fs::copy(GetParam(), folder, fs::copy_options::recursive);
  for (const auto* format : {"text", "json", "markdown"}) {
    const auto actual = run(folder, {"plan", "--observed", "observed.json", "--show-extra",
                                     "--detailed-exitcode", "--format", format});
    testing::expect_golden(GetParam() / fmt::format("plan.{}", format), actual);
  }
  const auto graph = run(folder, {"graph", "--observed", "observed.json", "--all"});
  testing::expect_golden(GetParam() / "plan.dot", graph);
}

INSTANTIATE_TEST_SUITE_P(Golden, Plans, ::testing::ValuesIn(entries(golden / "plans", "")), name_of);

struct Usage {
  const char* name;
  std::vector<std::string> arguments;
};

std::vector<std::string> observed(std::vector<std::string> options) {
  options.insert(options.begin(), {"plan", "plans/converged", "--observed", "plans/converged/observed.json"});
  return options;
}

class Usages : public ::testing::TestWithParam<Usage> {};

TEST_P(Usages, AreExplained) {
  const auto actual = run(golden, GetParam().arguments);
  testing::expect_golden(golden / "usage" / fmt::format("{}.expected", GetParam().name), actual);
}

INSTANTIATE_TEST_SUITE_P(
    Golden, Usages,
    ::testing::Values(Usage{"help", {"--help"}}, Usage{"plan-help", {"plan", "--help"}},
                      Usage{"apply-help", {"apply", "--help"}}, Usage{"nothing", {}},
                      Usage{"unknown-verb", {"plam"}}, Usage{"unknown-flag", {"plan", "--jsn"}},
                      Usage{"unknown-format", {"plan", "--format", "xml"}},
                      Usage{"bad-limit", {"plan", "--limit", "n[1-"}},
                      Usage{"missing-manifest", {"plan", "nowhere"}},
                      Usage{"no-plan-file", {"show", "errors/syntax.yaml"}},
                      Usage{"unknown-hosts", observed({"--limit", "n[3-9]"})},
                      Usage{"target-nothing", observed({"--target", "n1:directory:/srv/aa"})},
                      Usage{"exclude-nothing", observed({"--exclude", "*.sif"})},
                      Usage{"no-recording", {"plan", "plans/converged", "--observed", "errors/syntax.yaml"}},
                      Usage{"graph-help", {"graph", "--help"}},
                      Usage{"explain-nothing", {"explain", "srv", "plans/converged"}},
                      Usage{"init-over-a-manifest", {"init", "n1", "--out", "plans/converged/cluster.yaml"}},
                      Usage{"validate-json", {"validate", "errors/unquoted-mode.yaml", "--json"}},
                      Usage{"version", {"version"}}, Usage{"version-flag", {"--version"}}),
    [](const auto& tested) {
      std::string name = tested.param.name;
      std::ranges::replace(name, '-', '_');
      return name;
    });

}  // namespace
}  // namespace tidelock
