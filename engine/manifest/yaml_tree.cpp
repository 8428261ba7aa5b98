#include "engine/manifest/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"
#include "engine/manifest/yaml.hpp"

namespace tidelock {
namespace {

constexpr std::string_view plain_tag = "?";
constexpr std::string_view quoted_tag = "!";

/// A tag as it was written: yaml-cpp has put the long form of !!str and the like in its place.
std::string written(std::string_view tag) {
  constexpr std::string_view standard = "tag:yaml.org,2002:";
  return tag.starts_with(standard) ? fmt::format("!!{}", tag.substr(standard.size())) : std::string(tag);
}

bool is_null_word(std::string_view text) {
  constexpr std::array words{"~", "null", "Null", "NULL"};
  return std::ranges::any_of(words, [&](std::string_view word) { return text.starts_with(word); });
}

bool is_environment_name(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto fits = [&](char c) {
    return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && std::ranges::all_of(text, fits) && !is_digit(text.front());
}

}  // namespace

Location YamlTree::at(const YAML::Mark& mark) const {
  if (mark.is_null()) return {source_, 1, 1};
  return {source_, static_cast<std::uint32_t>(mark.line) + 1, static_cast<std::uint32_t>(mark.column) + 1};
}

Node YamlTree::root() const { return root_ ? *root_ : Node(Location{source_, 1, 1}, Node::Null{}); }

std::optional<Location> YamlTree::open_bracket() const {
  for (const auto& frame : frames_ | std::views::reverse)
    if (frame.shape.bracketed) return frame.at;
  return std::nullopt;
}

void YamlTree::spend(std::size_t nodes) const {
  if (!budget_.spend(nodes)) throw ReadingStopped();
}

void YamlTree::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ == 1) return;
  diagnostics_.error(
      at(mark), "More than one document",
      "the manifest ended before this place: a file holds one YAML document; remove the ---, or "
      "whatever stands here outside the map");
  throw ReadingStopped();
}

/// yaml-cpp gives an empty value the place of whatever comes next, so the key's own place is better.
Location YamlTree::null_place(const YAML::Mark& mark) const {
  if (frames_.empty()) return at(mark);
  const auto& frame = frames_.back();
  if (frame.key) return frame.key->at;
  const auto offset = static_cast<std::size_t>(std::max(mark.pos, 0));
  const auto rest = std::string_view(source_->text).substr(std::min(offset, source_->text.size()));
  return is_null_word(rest) || frame.shape.is_map ? at(mark) : frame.at;
}

void YamlTree::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  spend(1);
  put(Node(null_place(mark), Node::Null{}), anchor);
}

void YamlTree::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    diagnostics_.error(at(mark), "Anchor contains itself",
                       "this alias stands inside the value that it repeats");
    throw ReadingStopped();
  }
  spend(weight(found->second));
  put(found->second, 0);
}

std::optional<SecretOrigin> YamlTree::secret_origin(const Location& at, const std::string& tag,
                                                    const std::string& value) {
  if (tag == plain_tag || tag == quoted_tag || tag.empty()) return std::nullopt;
  const bool has_variables = value.contains("${");
  if (tag == "!env" && !has_variables && !is_environment_name(value))
    diagnostics_.error(
        at, "Secret is not valid",
        fmt::format("{} is no name of an environment variable; write !env NAME", in_quotes(value)));
  if ((tag == "!file" || tag == "!command") && value.empty())
    diagnostics_.error(at, "Secret is not valid", fmt::format("nothing stands behind {}", tag));
  if (tag == "!env") return SecretOrigin::environment;
  if (tag == "!file") return SecretOrigin::file;
  if (tag == "!command") return SecretOrigin::command;
  diagnostics_.error(
      at, "Unknown tag",
      fmt::format("{} means nothing here: the tags are !env NAME, !file PATH and !command TEXT; "
                  "types come from the schema, so that no other tag is needed",
                  in_quotes(written(tag))));
  return std::nullopt;
}

void YamlTree::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                        const std::string& value) {
  spend(1);
  last_scalar_ = static_cast<std::size_t>(std::max(mark.pos, 0));
  const auto place = at(mark);
  if (value.contains('\0'))
    diagnostics_.error(place, "NUL character",
                       "a text with a NUL character cannot reach any host; remove the \\0");
  auto secret = secret_origin(place, tag, value);
  put(Node(place, Node::Scalar{.text = value, .quoted = tag == quoted_tag, .secret = secret, .origin = {}}),
      anchor);
}

void YamlTree::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                               YAML::EmitterStyle::value style) {
  open(at(mark), tag, anchor, Shape{.is_map = false, .bracketed = style == YAML::EmitterStyle::Flow});
}

void YamlTree::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                          YAML::EmitterStyle::value style) {
  open(at(mark), tag, anchor, Shape{.is_map = true, .bracketed = style == YAML::EmitterStyle::Flow});
}

void YamlTree::open(const Location& at, const std::string& tag, YAML::anchor_t anchor, Shape shape) {
  spend(1);
  if (frames_.size() >= max_yaml_depth) {
    diagnostics_.error(at, "Nesting is too deep",
                       fmt::format("lists and maps may stand in each other {} times", max_yaml_depth));
    throw ReadingStopped();
  }
  if (tag != plain_tag && tag != quoted_tag && !tag.empty())
    diagnostics_.error(at, "Unknown tag",
                       fmt::format("{} cannot stand before a {}; only single values have tags",
                                   in_quotes(written(tag)), shape.is_map ? "map" : "list"));
  frames_.emplace_back(at, anchor, shape);
}

void YamlTree::close() {
  auto frame = std::move(frames_.back());
  frames_.pop_back();
  put(frame.shape.is_map ? Node(frame.at, std::move(frame.entries)) : Node(frame.at, std::move(frame.items)),
      frame.anchor);
}

void YamlTree::put(Node node, YAML::anchor_t anchor) {
  if (anchor != 0) {
    spend(weight(node));
    anchors_.insert_or_assign(anchor, node);
  }
  if (frames_.empty())
    root_ = std::move(node);
  else if (!frames_.back().shape.is_map)
    frames_.back().items.push_back(std::move(node));
  else if (!frames_.back().key)
    frames_.back().key = key_from(node);
  else
    put_value(frames_.back(), std::move(node));
}

YamlTree::Key YamlTree::key_from(const Node& node) {
  const auto* scalar = node.scalar();
  if (scalar == nullptr || scalar->secret) {
    diagnostics_.error(node.at(), "Key is not a text",
                       node.is_null() ? "an empty key, or the word null without quotes"
                                      : "the keys of a map are single values without a tag");
    return {.text = {}, .at = node.at(), .usable = false};
  }
  if (scalar->text == "<<" && !scalar->quoted) {
    diagnostics_.error(node.at(), "Merge keys are not supported",
                       "write a node type and name it under \"extends\" instead of <<");
    return {.text = {}, .at = node.at(), .usable = false};
  }
  return {.text = scalar->text, .at = node.at()};
}

void YamlTree::put_value(Frame& frame, Node node) {
  auto key = *std::exchange(frame.key, std::nullopt);
  if (!key.usable) return;
  const auto [first, fresh] = frame.keys.try_emplace(key.text, key.at);
  if (fresh) {
    frame.entries.push_back({std::move(key.text), std::move(key.at), std::move(node)});
    return;
  }
  diagnostics_.error(key.at, "Duplicate key", fmt::format("{} stands twice in one map", in_quotes(key.text)),
                     {{first->second, "first here"}});
}

}  // namespace tidelock
