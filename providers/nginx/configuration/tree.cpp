#include "providers/nginx/configuration/tree.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include "engine/base/text.hpp"

namespace tidelock::nginx {
namespace {

constexpr std::size_t most_includes = 20;    // within each other
constexpr std::size_t most_items = 200'000;  // a file may be included by others many times

}  // namespace

std::string Item::place() const { return fmt::format("{}:{}", printable(file), directive->line); }

bool include_matches(const std::string& pattern, const std::string& path) {
  return ::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

Tree::Tree(const Files& files, std::string_view main)
    : files_(files), folder_(main.substr(0, main.rfind('/') + 1)) {
  read(main, items_, 0);
}

const Text* Tree::text(std::string_view file) const {
  const auto found = texts_.find(file);
  return found == texts_.end() ? nullptr : found->second.get();
}

void Tree::read(std::string_view file, std::vector<Item>& items, std::size_t depth) {
  const auto known = files_.find(file);
  if (known == files_.end()) {
    problems_.push_back(fmt::format("{} is missing", printable(file)));
    return;
  }
  auto& text = texts_[known->first];
  if (text == nullptr) {
    auto parsed = parse(known->second);
    if (!parsed) {
      problems_.push_back(
          fmt::format("{}:{}: {}", printable(file), parsed.error().line, parsed.error().what));
      texts_.erase(known->first);
      return;
    }
    text = std::make_unique<Text>(*std::move(parsed));
  }
  add(text->directives, known->first, items, depth);
}

void Tree::add(const std::vector<Directive>& directives, std::string_view file, std::vector<Item>& items,
               std::size_t depth) {
  for (const auto& directive : directives) {
    if (++count_ > most_items) return;
    if (count_ == most_items) problems_.emplace_back("it holds too much");
    if (directive.name() == "include" && !directive.body) {
      include(directive, file, items, depth);
      continue;
    }
    items.push_back({.directive = &directive, .file = file, .children = {}});
    add(directive.children, file, items.back().children, depth);
  }
}

void Tree::include(const Directive& directive, std::string_view file, std::vector<Item>& items,
                   std::size_t depth) {
  const Item here{.directive = &directive, .file = file, .children = {}};
  if (depth == most_includes) {
    problems_.push_back(fmt::format("{}: files include each other too deeply", here.place()));
    return;
  }
  const auto path = directive.argument(0);
  const auto pattern = path.starts_with('/') ? std::string(path) : folder_ + std::string(path);
  if (pattern.find_first_of("*?[") == std::string::npos) return read(pattern, items, depth + 1);
  patterns_.try_emplace(pattern, here.place());
  for (const auto& known : files_)
    if (include_matches(pattern, known.first)) read(known.first, items, depth + 1);
}

namespace {

std::vector<const Item*> in_http(const Tree& tree, std::string_view name) {
  std::vector<const Item*> found;
  for (const auto& item : tree.items())
    if (item.name() == "http")
      for (const auto& child : item.children)
        if (child.name() == name && child.directive->body) found.push_back(&child);
  return found;
}

}  // namespace

std::vector<const Item*> servers_of(const Tree& tree) { return in_http(tree, "server"); }

std::vector<const Item*> upstreams_of(const Tree& tree, std::string_view name) {
  auto found = in_http(tree, "upstream");
  std::erase_if(found, [&](const Item* item) { return item->directive->argument(0) != name; });
  return found;
}

}  // namespace tidelock::nginx
