#include "engine/command/show.hpp"

#include "engine/base/file.hpp"
#include "engine/model/value_json.hpp"
#include "engine/report/plan_text.hpp"

namespace tidelock {

void show_plan(const Plan& plan, const Options& options, const Console& console) {
  switch (options.format) {
    case Format::text:
      return console.answer(plan_text(plan, console.answer_style(), options.show_extra));
    case Format::markdown:
      return console.answer(plan_markdown(plan, options.show_extra));
    case Format::json:
      return console.answer(dump(to_json(plan), 1) + '\n');
  }
}

bool is_plan_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && path.extension() != ".yaml" &&
         path.extension() != ".yml";
}

Result<SavedPlan> load_plan_file(const std::filesystem::path& path) {
  constexpr std::uint64_t plan_limit = 1'000'000'000;
  const auto text = read_file(path, plan_limit);
  if (!text) return std::unexpected(text.error());
  return parse_plan_file(*text);
}

}  // namespace tidelock
