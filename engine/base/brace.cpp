#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"

namespace tidelock {
namespace {

/// The first brace pair that holds a comma of its own, as offsets of `{`, the commas and `}`.
struct Braces {
  std::size_t open = std::string_view::npos;
  std::vector<std::size_t> commas;
  std::size_t close = std::string_view::npos;
};

Braces braces_at(std::string_view text, std::size_t open) {
  Braces braces{.open = open, .commas = {}, .close = std::string_view::npos};
  std::size_t depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == ',' && depth == 1) braces.commas.push_back(i);
    if (text[i] == '}' && --depth == 0) {
      braces.close = i;
      break;
    }
  }
  return braces;
}

Result<Braces> first_list(std::string_view text) {
  for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
    auto braces = braces_at(text, open);
    if (braces.close == std::string_view::npos && !braces.commas.empty())
      return failure("Brace list is not valid", fmt::format("{}: a {{ without its }}", shown(text)));
    if (braces.close != std::string_view::npos && !braces.commas.empty()) return braces;
  }
  return Braces{};
}

Result<void> expand_into(std::string_view text, std::vector<std::string>& words) {
  const auto braces = first_list(text);
  if (!braces) return std::unexpected(braces.error());
  if (braces->open == std::string_view::npos) {
    words.emplace_back(text);
    return {};
  }
  auto begin = braces->open + 1;
  auto ends = braces->commas;
  ends.push_back(braces->close);
  for (const auto end : ends) {
    if (words.size() >= max_hostlist_size)
      return failure("Brace list is not valid", fmt::format("more than {} words", max_hostlist_size));
    const auto word = fmt::format("{}{}{}", text.substr(0, braces->open), text.substr(begin, end - begin),
                                  text.substr(braces->close + 1));
    if (auto done = expand_into(word, words); !done) return done;
    begin = end + 1;
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> expand_braces(std::string_view text) {
  std::vector<std::string> words;
  if (auto done = expand_into(text, words); !done) return std::unexpected(done.error());
  return words;
}

}  // namespace tidelock
