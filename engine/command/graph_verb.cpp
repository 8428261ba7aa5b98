#include <fmt/format.h>

#include "engine/base/file.hpp"
#include "engine/base/process.hpp"
#include "engine/base/text.hpp"
#include "engine/command/show.hpp"
#include "engine/command/verbs.hpp"
#include "engine/command/workspace.hpp"
#include "engine/report/plan_graph.hpp"

namespace tidelock {
namespace {

constexpr mode_t picture_mode = 0644;

/// The status to leave with when there is none; then it was said why.
std::expected<Plan, Exit> plan_of(const Options& options, const Wiring& wiring, const Console& console) {
  const auto fail = [&](const Error& error) {
    console.show(error);
    return std::unexpected(Exit::error);
  };
  if (is_plan_file(options.manifest)) {
    auto saved = load_plan_file(options.manifest);
    if (!saved) return fail(saved.error());
    return std::move(saved->plan);
  }
  const auto loaded = Workspace::load(options, wiring, console, Workspace::Secrets::resolve);
  if (!loaded) return std::unexpected(loaded.error());
  const auto& workspace = *loaded;
  auto observations = workspace->look(options, console);
  if (!observations) return fail(observations.error());
  return workspace->plan(*observations, options.selection, options.max_deletions).plan;
}

Result<std::string> drawn(const std::string& dot, const Cancellation& cancel) {
  constexpr std::chrono::seconds patience{120};
  constexpr std::size_t picture_limit = std::size_t{256} << 20U;
  const std::vector<std::string> program{"dot", "-Tsvg"};
  const auto done = run_process(program, dot, Deadline::in(patience), cancel, picture_limit);
  const auto unusable = [](std::string detail) {
    return failure("Graph cannot be drawn", std::move(detail),
                   "install graphviz, or write DOT with --format dot");
  };
  if (!done) return unusable(one_line(done.error()));
  if (done->status != 0)
    return unusable(fmt::format("dot ended with status {}: {}", done->status, printable(trim(done->errors))));
  return done->output;
}

}  // namespace

Exit run_graph(const Options& options, const Wiring& wiring, const Console& console) {
  const auto plan = plan_of(options, wiring, console);
  if (!plan) return plan.error();
  Result<std::string> text = plan_dot(*plan, options.everything);
  if (options.picture == Picture::svg) text = drawn(*text, wiring.cancel);
  const auto written = text && options.out ? replace_file(*options.out, *text, picture_mode) : Result<void>();
  if (!text || !written) {
    console.show(text ? written.error() : text.error());
    return Exit::error;
  }
  if (!options.out) console.answer(*text);
  return plan->unchecked.empty() ? Exit::done : Exit::incomplete;
}

}  // namespace tidelock
