#include "providers/slurm/answers.hpp"

#include <algorithm>
#include <array>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

constexpr std::array<std::string_view, 6> behind_accounting{"controller", "templates",     "jobs",
                                                            "texts",      "configuration", "conf digests"};

}  // namespace

std::span<const std::string> Answers::part(std::size_t round, std::string_view label) const {
  if (round >= answers_.size()) return {};
  const std::span records(answers_[round].records);
  const auto is_label = [](const std::string& record) {
    return holds(behind_accounting, std::string_view(record));
  };
  const auto begin = label == "accounting" ? records.begin() : std::ranges::find(records, label);
  if (begin == records.end()) return {};
  const auto next = label == "accounting" ? begin : std::next(begin);
  return {begin, std::find_if(next, records.end(), is_label)};
}

}  // namespace tidelock::slurm
