#include "tests/property/scene.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"

namespace tidelock::property {
namespace {

constexpr std::array<std::string_view, 11> edit_names{"write", "directory", "link",      "hard_link",
                                                      "fifo",  "remove",    "mode",      "owner",
                                                      "touch", "add_line",  "drop_lines"};
constexpr std::array<std::string_view, 8> operation_names{"apply", "roll back", "edit",   "add",
                                                          "drop",  "alter",     "rename", "renew source"};

std::string describe(const Edit& edit) {
  return fmt::format("{} {}:{} {} {:04o} {}:{}", edit_names.at(static_cast<std::size_t>(edit.what)),
                     edit.host, shown(edit.path), shown(edit.text), edit.mode, edit.uid, edit.gid);
}

std::string fields_text(const Item& item) {
  std::string text;
  for (const auto& [name, value] : item.fields)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, value);
  return "{ " + text + " }";
}

std::string describe(const Item& item) {
  return fmt::format("{} {} {}: {}", item.node_type, item.section, shown(item.key), fields_text(item));
}

std::string describe(const Operation& operation) {
  using enum Operation::What;
  std::string text(operation_names.at(static_cast<std::size_t>(operation.what)));
  if (operation.what == edit) return describe(operation.edit) + " by hand";
  if (operation.what == alter)
    return fmt::format("{} {}: {}", text, operation.item, fields_text(operation.altered));
  for (const auto& part : {operation.item, operation.text})
    if (!part.empty()) text += ' ' + shown(part);
  return text;
}

}  // namespace

Scene Scene::without(const std::set<std::string>& ids) const {
  auto rest = *this;
  const auto is_out = [&](const auto& piece) { return ids.contains(piece.id); };
  std::erase_if(rest.state, is_out);
  std::erase_if(rest.items, is_out);
  std::erase_if(rest.operations,
                [&](const auto& piece) { return is_out(piece) || ids.contains(piece.what.item); });
  for (const auto& id : ids) rest.declared.erase(id);
  return rest;
}

std::string describe(const Scene& scene) {
  std::string text = fmt::format("seed {}{}\n", scene.seed,
                                 scene.separate_scratch ? ", /scratch is a file system of its own" : "");
  for (const auto& [host, type] : scene.hosts) text += fmt::format("host {}: {}\n", host, type);
  for (const auto& piece : scene.state) text += fmt::format("{:>4} {}\n", piece.id, describe(piece.what));
  for (const auto& piece : scene.items)
    text += fmt::format("{:>4} {}{}\n", piece.id, scene.declared.contains(piece.id) ? "" : "(later) ",
                        describe(piece.what));
  for (const auto& piece : scene.operations)
    text += fmt::format("{:>4} {}\n", piece.id, describe(piece.what));
  return text;
}

std::string yaml_text(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${")) escaped += '$';
    escaped += text[i];
  }
  return nlohmann::json(escaped).dump();
}

std::string manifest_text(const Scene& scene, const std::vector<Item>& declared,
                          const std::map<std::string, std::string>& moved) {
  std::map<std::string, std::map<std::string, std::vector<const Item*>>> types{{"base", {}}, {"more", {}}};
  for (const auto& item : declared) types[item.node_type][item.section].push_back(&item);
  std::string text = "tidelock: 1\ncluster: sandboxes\nnodes:\n";
  for (const auto& [host, type] : scene.hosts) text += fmt::format("  {}: {{ type: {} }}\n", host, type);
  text += "node_types:\n";
  for (const auto& [type, sections] : types) {
    text += fmt::format("  {}:\n    extends: {}\n", type, type == "base" ? "nothing" : "base");
    for (const auto& [section, items] : sections) {
      text += fmt::format("    {}:\n", section);
      for (const auto* item : items)
        text += fmt::format("      ? {}\n      : {}\n", yaml_text(item->key), fields_text(*item));
    }
  }
  text += "  nothing: {}\n";
  if (!moved.empty()) text += "moved:\n";
  for (const auto& [from, to] : moved)
    text += fmt::format("  ? {}\n  : {}\n", yaml_text(from), yaml_text(to));
  return text;
}

}  // namespace tidelock::property
