#include "engine/manifest/variables.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/manifest/problems.hpp"

namespace tidelock {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view escaped_opening = "$${";
/// No value that a variable makes is longer.
constexpr std::size_t max_text = std::size_t{1} << 20U;
/// So many bytes cost as much as one node.
constexpr std::size_t bytes_a_node = 64;

bool is_variable_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && std::ranges::all_of(name, fits);
}

/// The name, where a text is one reference and nothing else.
std::optional<std::string_view> whole_reference(std::string_view text) {
  if (!text.starts_with(opening) || text.find('}') != text.size() - 1) return std::nullopt;
  return text.substr(opening.size(), text.size() - opening.size() - 1);
}

}  // namespace

Variables::Variables(std::span<const Layer> layers, Budget& budget, Diagnostics& diagnostics)
    : budget_(budget), diagnostics_(diagnostics) {
  for (const auto& layer : layers)
    for (const auto& part : layer.parts)
      if (const Node* vars = part.find("vars"))
        for (const auto& entry : vars->entries())
          variables_.try_emplace(entry.key, Variable{.declared = &entry.value, .value = {}});
  std::erase_if(variables_, [](const auto& item) { return item.second.declared->is_null(); });
  std::ranges::transform(variables_, std::back_inserter(names_), [](const auto& item) { return item.first; });
  for (auto& [name, variable] : variables_) {
    if (variable.state == State::fresh) resolve(name, variable);
  }
}

std::string Variables::circle(std::string_view name) const {
  std::string way;
  for (auto step = std::ranges::find(visiting_, name); step != visiting_.end(); ++step) way += *step + " → ";
  return printable(way + std::string(name));
}

void Variables::resolve(const std::string& name, Variable& variable) {
  const auto& at = variable.declared->at();
  const auto* written = variable.declared->scalar();
  variable.state = State::broken;
  if (!is_variable_name(name))
    diagnostics_.error(
        at, "Variable name is not valid",
        fmt::format("{}: names of variables have letters, digits, _ and - only", in_quotes(name)));
  if (written == nullptr) {
    diagnostics_.error(at, "Variable is not a single value",
                       fmt::format("{} is put into texts, so it cannot be a list or a map", in_quotes(name)));
    return;
  }
  variable.state = State::visiting;
  visiting_.push_back(name);
  auto value = scalar(*written, at);
  visiting_.pop_back();
  variable.state = value ? State::ready : State::broken;
  if (!value) return;
  variable.value = std::move(*value);
  if (variable.value.origin == nullptr) variable.value.origin = at.file;
}

const Variables::Variable* Variables::lookup(std::string_view name, const Location& at) {
  const auto found = variables_.find(name);
  if (found == variables_.end()) {
    const auto why = with_suggestion(name, "is not declared under \"vars\"", names_, "there are");
    diagnostics_.error(at, "Unknown variable",
                       fmt::format("{} (write $${{{}}} for the text ${{{}}} itself)", why, printable(name),
                                   printable(name)));
    return nullptr;
  }
  auto& variable = found->second;
  const bool too_deep = visiting_.size() >= max_chain;
  if (variable.state == State::visiting)
    diagnostics_.error(at, "Variables form a circle", circle(name));
  else if (variable.state == State::fresh && too_deep && !std::exchange(too_far_said_, true))
    diagnostics_.error(at, "Variables lead too far",
                       fmt::format("more than {} of them in one chain", max_chain));
  else if (variable.state == State::fresh && !too_deep)
    resolve(found->first, variable);
  if (variable.state == State::ready) return &variable;
  unusable_.push_back(at);
  return nullptr;
}

Variables::Text Variables::spliced(std::string_view name, const Location& at) {
  if (!is_variable_name(name)) {
    diagnostics_.error(
        at, "Variable name is not valid",
        fmt::format("${{{}}} has no name of letters, digits, _ and -; write $${{ for the text ${{ itself",
                    printable(name.substr(0, 40))));
    return std::nullopt;
  }
  const auto* variable = lookup(name, at);
  if (variable == nullptr) return std::nullopt;
  if (!variable->value.secret) return variable->value.text;
  diagnostics_.error(
      at, "Secret cannot be part of a text",
      fmt::format("{} is a secret: it can be a whole value, as in password: ${{{}}}, and nothing else",
                  in_quotes(name), name));
  return std::nullopt;
}

Variables::Text Variables::text(std::string_view written, const Location& at) {
  std::string result;
  while (!written.empty()) {
    const auto next = std::min(written.find(escaped_opening), written.find(opening));
    result += written.substr(0, next);
    if (next == std::string_view::npos) break;
    written.remove_prefix(next);
    if (written.starts_with(escaped_opening)) {
      result += opening;
      written.remove_prefix(escaped_opening.size());
      continue;
    }
    const auto end = written.find('}');
    if (end == std::string_view::npos) {
      diagnostics_.error(at, "Variable is not closed",
                         "a ${ without its }; write $${ for the text ${ itself");
      return std::nullopt;
    }
    const auto value = spliced(written.substr(opening.size(), end - opening.size()), at);
    if (!value) return std::nullopt;
    result += *value;
    written.remove_prefix(end + 1);
    if (result.size() > max_text || !budget_.spend(value->size() / bytes_a_node)) {
      diagnostics_.error(at, "Text is too long",
                         fmt::format("variables make more than {} of it", human_bytes(max_text)));
      return std::nullopt;
    }
  }
  return result;
}

/// A scalar that is one reference takes over what the variable is: a secret, quoted, written in another file.
std::optional<Node::Scalar> Variables::scalar(const Node::Scalar& written, const Location& at) {
  if (!written.text.contains(opening)) return written;
  const auto name = whole_reference(written.text);
  if (name && is_variable_name(*name) && !written.secret) {
    const auto* variable = lookup(*name, at);
    if (variable == nullptr) return std::nullopt;
    auto value = variable->value;
    value.quoted = value.quoted || written.quoted;
    return value;
  }
  auto result = text(written.text, at);
  if (!result) return std::nullopt;
  auto value = written;
  value.text = std::move(*result);
  if (written.text.starts_with(opening)) {
    const auto first = written.text.substr(opening.size(), written.text.find('}') - opening.size());
    value.origin = variables_.find(first)->second.value.origin;
  }
  return value;
}

Node Variables::map_with_variables(const Node& tree) {
  Node::Map entries;
  entries.reserve(tree.entries().size());
  std::map<std::string, Location> keys;
  const bool keys_vary = std::ranges::any_of(
      tree.entries(), [](const Node::Entry& entry) { return entry.key.contains(opening); });
  for (const auto& entry : tree.entries()) {
    auto key = keys_vary ? text(entry.key, entry.key_at).value_or(entry.key) : entry.key;
    if (keys_vary) {
      const auto [first, fresh] = keys.try_emplace(key, entry.key_at);
      if (!fresh) {
        diagnostics_.error(entry.key_at, "Duplicate key",
                           fmt::format("with its variables put in, this is {} once more", in_quotes(key)),
                           {{first->second, "first here"}});
        continue;
      }
    }
    entries.push_back({std::move(key), entry.key_at, put_into(entry.value)});
  }
  return {tree.at(), std::move(entries)};
}

Node Variables::put_into(const Node& tree) {
  if (const auto* written = tree.scalar()) {
    if (!written->text.contains(opening)) return tree;
    return {tree.at(), scalar(*written, tree.at()).value_or(*written)};
  }
  if (tree.map() != nullptr) return map_with_variables(tree);
  if (const auto* items = tree.sequence()) {
    Node::Sequence result;
    result.reserve(items->size());
    for (const auto& item : *items) result.push_back(put_into(item));
    return {tree.at(), std::move(result)};
  }
  return tree;
}

}  // namespace tidelock
