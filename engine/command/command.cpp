#include "engine/command/command.hpp"

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "engine/command/verbs.hpp"

namespace tidelock {
namespace {

using Verb = Exit (*)(const Options&, const Wiring&, const Console&);

const std::map<std::string_view, Verb>& verbs() {
  static const std::map<std::string_view, Verb> table{
      {"validate", run_validate}, {"plan", run_plan},       {"apply", run_apply},     {"show", run_show},
      {"explain", run_explain},   {"history", run_history}, {"graph", run_graph},     {"forget", run_forget},
      {"rollback", run_rollback}, {"unlock", run_unlock},   {"observe", run_observe}, {"init", run_init},
      {"version", run_version},
  };
  return table;
}

}  // namespace

Exit run_command(const Options& options, const Wiring& wiring) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("tidelock"));
  spdlog::set_level(spdlog::level::from_str(options.log_level));
  spdlog::set_pattern("%H:%M:%S.%e %l %v");
  return verbs().at(options.verb)(options, wiring, Console(options));
}

Exit run_version(const Options& options, const Wiring& wiring, const Console& console) {
  console.answer(options.format == Format::json ? nlohmann::json{{"version", wiring.version}}.dump() + '\n'
                                                : fmt::format("tidelock {}\n", wiring.version));
  return Exit::done;
}

}  // namespace tidelock
