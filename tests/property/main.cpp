// Properties of plan, apply and rollback, on made-up manifests and hosts.
//   test_property                     all cases
//   test_property --shard 2/8         every eighth of them, from the second on
//   test_property --case SEED --show  one case: what is in it, and all that Tidelock says
//   test_property --case SEED --without i2,o3
#include <charconv>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "tests/property/isolation.hpp"
#include "tests/property/story.hpp"

namespace tidelock::property {
namespace {

constexpr std::uint64_t usual_cases = 2000;

struct Choice {
  std::uint64_t first = 1, cases = usual_cases;
  std::uint64_t shard = 1, shards = 1;
  std::optional<std::uint64_t> seed;
  std::set<std::string> without, only;
  bool show = false;
};

std::set<std::string> words(std::string_view list) {
  std::set<std::string> all;
  for (const auto word : split(list, ',')) all.emplace(word);
  return all;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Choice choice_of(std::span<char* const> arguments) {
  Choice choice;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    const std::string_view value = i + 1 < arguments.size() ? arguments[i + 1] : "";
    if (name == "--case") choice.seed = number(value);
    if (name == "--first") choice.first = number(value);
    if (name == "--cases") choice.cases = number(value);
    if (name == "--without") choice.without = words(value);
    if (name == "--only") choice.only = words(value);
    if (name == "--show") choice.show = true;
    if (name == "--shard") {
      choice.shard = number(value.substr(0, value.find('/')));
      choice.shards = number(value.substr(value.find('/') + 1));
    }
  }
  return choice;
}

Scene chosen_scene(std::uint64_t seed, const Choice& choice) {
  const auto scene = make_scene(seed);
  auto without = choice.without;
  const auto leave_out = [&](const auto& pieces) {
    for (const auto& piece : pieces)
      if (!choice.only.empty() && !choice.only.contains(piece.id)) without.insert(piece.id);
  };
  leave_out(scene.state);
  leave_out(scene.items);
  leave_out(scene.operations);
  return scene.without(without);
}

bool holds_for(std::uint64_t seed, const Choice& choice, Tally& tally) {
  const auto scene = chosen_scene(seed, choice);
  if (choice.show) fmt::print("{}\n", describe(scene));
  const auto wrong = play(scene, tally, choice.show);
  if (!wrong) return true;
  fmt::print(
      "case {} failed: {}{}again: test_property --case {} --show, and with --without or --only less of "
      "it\n\n",
      seed, *wrong, choice.show ? "" : describe(scene), seed);
  std::fflush(stdout);
  return false;
}

int run(const Choice& choice) {
  Tally tally;
  std::size_t failed = 0;
  if (choice.seed) {
    failed = holds_for(*choice.seed, choice, tally) ? 0 : 1;
  } else {
    fmt::print("seeds {} to {}, shard {} of {}\n", choice.first, choice.first + choice.cases - 1,
               choice.shard, choice.shards);
    for (auto i = choice.shard - 1; i < choice.cases; i += choice.shards)
      if (!holds_for(choice.first + i, choice, tally)) ++failed;
  }
  for (const auto& [what, count] : tally.counts) fmt::print("{:>7} {}\n", count, what);
  fmt::print("{} failed\n", failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace tidelock::property

int main(int argc, char** argv) {
  using namespace tidelock::property;
  const auto choice = choice_of({argv + 1, static_cast<std::size_t>(argc - 1)});
  return in_isolation([&] { return run(choice); });
}
