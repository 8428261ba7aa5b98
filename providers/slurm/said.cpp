#include "providers/slurm/said.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace tidelock::slurm {
namespace {

std::string_view first_line(std::string_view text) {
  for (const auto line : split(text, '\n'))
    if (!trim(line).empty()) return trim(line);
  return "it said nothing";
}

/// What a program complains of, without its own name before it.
std::string complaint(std::string_view program, std::string_view text) {
  auto line = first_line(text);
  for (const auto& prefix : {fmt::format("{}: ", program), std::string("error: ")})
    if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
  constexpr std::string_view connection = "failed to open persistent connection to ";
  if (const auto at = line.find(connection); at != std::string_view::npos)
    return fmt::format("slurmdbd does not answer: {}", printable(line.substr(at + connection.size())));
  return fmt::format("{} failed: {}", program, printable(line));
}

}  // namespace

/// The status stands on a line of its own at the end; what has none was cut off.
Said said(std::string_view record, std::string_view program) {
  const auto last = record.rfind('\n');
  const auto status = last == std::string_view::npos ? std::string_view{} : record.substr(last + 1);
  const auto before = record.substr(0, last == std::string_view::npos ? 0 : last);
  if (status == "124") return {{}, fmt::format("{} did not answer in time", program)};
  if (status != "0") return {{}, complaint(program, before)};
  Said result;
  for (const auto line : split(before, '\n'))
    if (!line.empty()) result.lines.push_back(line);
  return result;
}

}  // namespace tidelock::slurm
