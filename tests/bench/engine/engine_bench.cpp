// What the engine itself costs, without any host: time a phase, and how much memory grows while it runs.
//
//   bench_engine [--benchmark_…]           measures
//   bench_engine --write FOLDER HOSTS      leaves a manifest and a recording there for `tidelock plan
//   --observed`
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "engine/model/value_json.hpp"
#include "engine/plan/plan.hpp"
#include "engine/plan/plan_json.hpp"
#include "engine/report/plan_text.hpp"
#include "providers/context.hpp"
#include "tests/bench/engine/made_cluster.hpp"

namespace tidelock::bench {
namespace {

namespace fs = std::filesystem;

/// How far the memory of this process grows beyond what it is at the start.
class MemoryGrowth {
 public:
  MemoryGrowth() {
    malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    before_ = kilobytes("VmRSS:");
  }

  [[nodiscard]] double megabytes() const { return static_cast<double>(kilobytes("VmHWM:") - before_) / 1024; }

 private:
  static long kilobytes(const std::string& which) {
    std::ifstream status("/proc/self/status");
    std::string word;
    long value = 0;
    while (status >> word)
      if (word == which) status >> value;
    return value;
  }

  long before_ = 0;
};

/// The cluster that benchmarks ask for, the last one only: they come in order.
const MadeCluster& cluster(std::size_t hosts, Drift drift) {
  static std::unique_ptr<MadeCluster> made;
  static std::pair<std::size_t, Drift> of;
  if (made == nullptr || of != std::pair(hosts, drift)) {
    made.reset();
    made = std::make_unique<MadeCluster>(hosts, drift);
    of = {hosts, drift};
  }
  return *made;
}

/// The phases of a plan, each keeping its result as the program does.
class Pipeline {
 public:
  explicit Pipeline(const MadeCluster& cluster)
      : cluster_(cluster), registry_(make_providers({cluster.cache(), false})) {}

  void load() {
    const Schema schema(registry_.fragments());
    Diagnostics diagnostics;
    manifest_ = load_manifest(cluster_.manifest(), schema, diagnostics);
    if (!manifest_) throw std::logic_error("the manifest has errors");
  }

  void expand() {
    Diagnostics diagnostics;
    graph_ = build_graph({*manifest_, {}}, registry_, diagnostics);
    if (diagnostics.has_errors()) throw std::logic_error("the graph has errors");
  }

  void observe() {
    observations_.clear();
    for (const auto& host : graph_.hosts) {
      RecordedInterview interview(cluster_.recording().find(host.node->name)->second);
      observations_.push_back(observe_host(host, registry_, interview, {}));
    }
  }

  void diff() { plan_ = make_plan(graph_, observations_, {}); }

  [[nodiscard]] std::string json() const { return dump(to_json(plan_)); }
  [[nodiscard]] std::string text() const { return plan_text(plan_, Style(false), false); }

  void check(std::size_t hosts, Drift drift) const {
    const auto sum = plan_.summary();
    const auto changed = drift == Drift::none ? 0 : hosts;
    if (sum.update != changed || sum.no_op != hosts * resources_per_host - changed ||
        !plan_.unchecked.empty())
      throw std::logic_error("the plan is not what it should be");
  }

 private:
  const MadeCluster& cluster_;
  Registry registry_;
  std::optional<Manifest> manifest_;
  Graph graph_;
  std::vector<HostObservation> observations_;
  Plan plan_;
};

enum class Phase : std::uint8_t { load, expand, observe, diff, json, text };

void run(Pipeline& pipeline, Phase phase) {
  switch (phase) {
    case Phase::load:
      return pipeline.load();
    case Phase::expand:
      return pipeline.expand();
    case Phase::observe:
      return pipeline.observe();
    case Phase::diff:
      return pipeline.diff();
    case Phase::json:
      return benchmark::DoNotOptimize(pipeline.json());
    case Phase::text:
      return benchmark::DoNotOptimize(pipeline.text());
  }
}

/// One phase; those before it are done once and not measured.
void measure_phase(benchmark::State& state, Phase phase, Drift drift) {
  const auto hosts = static_cast<std::size_t>(state.range(0));
  Pipeline pipeline(cluster(hosts, drift));
  for (const auto earlier : {Phase::load, Phase::expand, Phase::observe, Phase::diff})
    if (earlier < phase) run(pipeline, earlier);
  const MemoryGrowth memory;
  for ([[maybe_unused]] auto _ : state) run(pipeline, phase);
  state.counters["MB"] = memory.megabytes();
  if (phase >= Phase::diff) pipeline.check(hosts, drift);
}

/// Load, expand and diff in one go; with `observing`, what the hosts said is understood in between.
void measure_whole(benchmark::State& state, bool observing, Drift drift) {
  const auto hosts = static_cast<std::size_t>(state.range(0));
  const auto& made = cluster(hosts, drift);
  const MemoryGrowth memory;
  for ([[maybe_unused]] auto _ : state) {
    Pipeline pipeline(made);
    pipeline.load();
    pipeline.expand();
    if (!observing) state.PauseTiming();
    pipeline.observe();
    if (!observing) state.ResumeTiming();
    pipeline.diff();
    state.PauseTiming();
    pipeline.check(hosts, drift);
    {
      const auto gone = std::move(pipeline);
    }
    state.ResumeTiming();
  }
  state.counters["MB"] = memory.megabytes();
}

/// Reading a recording's JSON, as `--observed` does.
void measure_recording(benchmark::State& state, Drift drift) {
  const auto text = format_recording(cluster(static_cast<std::size_t>(state.range(0)), drift).recording());
  const MemoryGrowth memory;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(parse_recording(text));
  state.counters["MB"] = memory.megabytes();
}

template <class Function, class... Arguments>
void add(const std::string& name, std::int64_t hosts, Function function, Arguments... arguments) {
  benchmark::RegisterBenchmark(name.c_str(), function, arguments...)
      ->Arg(hosts)
      ->Unit(benchmark::kMillisecond);
}

void add_all() {
  for (const auto drift : {Drift::none, Drift::one_percent})
    for (const std::int64_t hosts : {100, 300, 1000}) {
      const std::string variant = drift == Drift::none ? "converged" : "drift";
      const auto phase = [&](const char* name, Phase which) {
        add(variant + '/' + name, hosts, measure_phase, which, drift);
      };
      phase("load", Phase::load);
      phase("expand", Phase::expand);
      phase("observe", Phase::observe);
      phase("diff", Phase::diff);
      phase("json", Phase::json);
      phase("text", Phase::text);
      add(variant + "/load+expand+diff", hosts, measure_whole, false, drift);
      add(variant + "/load+expand+observe+diff", hosts, measure_whole, true, drift);
      add(variant + "/recording", hosts, measure_recording, drift);
    }
}

void write_cluster(const fs::path& folder, std::size_t hosts) {
  const MadeCluster made(hosts, Drift::one_percent);
  fs::create_directories(folder);
  fs::copy(made.folder(), folder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  std::ofstream(folder / "recording.json") << format_recording(made.recording());
}

}  // namespace
}  // namespace tidelock::bench

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == "--write") {
    tidelock::bench::write_cluster(argv[2], std::stoul(argv[3]));
    return 0;
  }
  tidelock::bench::add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
