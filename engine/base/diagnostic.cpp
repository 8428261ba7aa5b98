#include "engine/base/diagnostic.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace tidelock {

void Diagnostics::error(Location at, std::string summary, std::string detail, std::vector<Note> notes) {
  add({Severity::error, std::move(at), std::move(summary), std::move(detail), std::move(notes)});
}

void Diagnostics::refuse(Location at, std::string summary, std::string detail) {
  add({Severity::refusal, std::move(at), std::move(summary), std::move(detail), {}});
}

void Diagnostics::warning(Location at, std::string summary, std::string detail, std::vector<Note> notes) {
  add({Severity::warning, std::move(at), std::move(summary), std::move(detail), std::move(notes)});
}

void Diagnostics::append(Diagnostics other) { std::ranges::move(other.list_, std::back_inserter(list_)); }

bool Diagnostics::has_errors() const {
  return std::ranges::any_of(list_, [](const Diagnostic& d) { return d.severity != Severity::warning; });
}

bool Diagnostics::only_refusals() const {
  return has_errors() &&
         std::ranges::none_of(list_, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::map<const SourceFile*, std::size_t> seen;
  for (const auto& diagnostic : list_) seen.try_emplace(diagnostic.at.file.get(), seen.size());
  auto result = list_;
  std::ranges::stable_sort(result, {}, [&](const Diagnostic& d) {
    return std::tuple(seen.at(d.at.file.get()), d.at.line, d.at.column);
  });
  const auto same = [](const Diagnostic& a, const Diagnostic& b) {
    return a.at.file == b.at.file && a.at.line == b.at.line && a.at.column == b.at.column &&
           a.summary == b.summary && a.detail == b.detail;
  };
  const auto repeated = std::ranges::unique(result, same);
  result.erase(repeated.begin(), repeated.end());
  return result;
}

}  // namespace tidelock
