#include "providers/slurm/conf/files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/conf/lines.hpp"
#include "providers/slurm/configuration/node_lines.hpp"
#include "providers/slurm/configuration/query.hpp"

namespace tidelock::slurm {
namespace {

bool is_own(std::string_view part) {
  return !part.empty() && part != "." && part != ".." &&
         std::ranges::none_of(part, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

/// As Slurm finds an included file.
std::string included_path(std::string_view name) {
  return name.starts_with('/') ? std::string(name) : fmt::format("{}/{}", conf_folder, name);
}

/// The files that gres.conf includes speak of generic resources, whatever they are called.
void add_included(const std::map<std::string, std::string>& texts, const std::string& path,
                  std::set<std::string>& found) {
  const auto text = texts.find(path);
  if (text == texts.end() || !found.insert(path).second) return;
  const auto parsed = ConfigurationText::parse(text->second, Dialect::gres_conf);
  for (const auto i : statements_of(parsed, Sort::include))
    add_included(texts, included_path(parsed.statements()[i].pairs.front().value), found);
}

/// The value that counts, whichever of its two spellings the line or else a DEFAULT has.
std::optional<std::string> effective(const ConfigurationText& text, const Defaults& defaults,
                                     std::size_t statement, const ConfField& field) {
  if (const auto* pair = own_pair(text.statements()[statement], field)) return pair->value;
  auto value = defaults.value(text, statement, field.slurm).value;
  if (!value && !field.alias.empty()) value = defaults.value(text, statement, field.alias).value;
  return value;
}

std::optional<std::string> device_of(const Statement& statement) {
  const auto* file = find_pair(statement, "File");
  if (file == nullptr) return std::nullopt;
  return fmt::format("{}={}", resource_of(statement), file->value);
}

}  // namespace

std::string_view below_conf_folder(std::string_view path) {
  if (!path.starts_with(conf_folder) || !path.substr(conf_folder.size()).starts_with('/')) return {};
  const auto name = path.substr(conf_folder.size() + 1);
  return std::ranges::all_of(split(name, '/'), is_own) ? name : std::string_view{};
}

void ConfigurationFiles::put(const std::string& file, ConfigurationText text) {
  indexes_.insert_or_assign(file, std::make_shared<const Index>(text));
  files_.insert_or_assign(file, std::move(text));
}

ConfigurationFiles ConfigurationFiles::parse(const std::map<std::string, std::string>& texts) {
  std::set<std::string> of_gres;
  add_included(texts, std::string(gres_conf), of_gres);
  of_gres.insert(std::string(gres_conf));
  ConfigurationFiles files;
  const auto put = [&](const std::string& path, const std::string& text) {
    files.put(path, ConfigurationText::parse(
                        text, of_gres.contains(path) ? Dialect::gres_conf : Dialect::slurm_conf));
  };
  for (const auto& [path, text] : texts) put(path, text);
  for (const auto path : {slurm_conf, gres_conf})
    if (!texts.contains(std::string(path))) put(std::string(path), "");
  return files;
}

std::string ConfigurationFiles::unreadable_nodes() const {
  for (const auto& [path, index] : indexes_)
    if (!index->lines) return fmt::format("{}: {}", shown(path), index->lines.error().detail);
  return {};
}

std::vector<std::string> ConfigurationFiles::problems() const {
  std::vector<std::string> all;
  for (const auto& [path, text] : files_)
    for (const auto& problem : text.problems())
      all.push_back(fmt::format("{}:{}: {}", path, problem.line, problem.what));
  return all;
}

std::optional<ConfigurationFiles::Place> ConfigurationFiles::place_of_partition(std::string_view name) const {
  if (same_word(name, "DEFAULT")) return std::nullopt;
  for (const auto& [path, text] : files_)
    if (text.dialect() == Dialect::slurm_conf)
      if (const auto found = find_record(text, Sort::partition, name)) return Place{path, *found};
  return std::nullopt;
}

std::optional<ConfigurationFiles::Place> ConfigurationFiles::place_of_node(const std::string& name) const {
  for (const auto& [path, text] : files_) {
    if (text.dialect() != Dialect::slurm_conf) continue;
    const auto& lines = indexes_.at(path)->nodes();
    if (const auto found = lines.find(name); found != lines.end()) return Place{path, found->second.front()};
  }
  return std::nullopt;
}

std::string ConfigurationFiles::place_of_parameter(std::string_view parameter) const {
  const auto& main = files_.at(std::string(slurm_conf));
  const auto said = slurm::parameter(main, parameter);
  if (said.value && said.certain) return std::string(slurm_conf);
  for (const auto& [path, text] : files_)
    if (path != slurm_conf && text.dialect() == Dialect::slurm_conf &&
        slurm::parameter(text, parameter).value)
      return path;
  return std::string(slurm_conf);
}

Attributes ConfigurationFiles::attributes_at(const Place& place, std::span<const ConfField> fields) const {
  const auto& text = files_.at(place.file);
  const auto& defaults = indexes_.at(place.file)->defaults;
  Attributes attributes;
  for (const auto& field : fields) {
    const auto said = effective(text, defaults, place.statement, field);
    auto value = said ? seen_value(field, *said) : initial_value(field);
    attributes.set(field.key, value ? *std::move(value) : Value(*said));
  }
  return attributes;
}

std::optional<Attributes> ConfigurationFiles::partition(std::string_view name) const {
  const auto place = place_of_partition(name);
  if (!place) return std::nullopt;
  auto attributes = attributes_at(*place, partition_fields());
  const auto nodes = nodes_of_partition(name);
  const auto* pair = find_pair(files_.at(place->file).statements()[place->statement], "Nodes");
  const auto written = pair == nullptr ? std::string() : pair->value;
  attributes.set("nodes", nodes ? fold_hosts(*nodes) : written);
  return attributes;
}

std::vector<std::string> ConfigurationFiles::partitions() const {
  std::vector<std::string> names;
  for (const auto& [path, text] : files_)
    for (const auto i : statements_of(text, Sort::partition))
      if (const auto& record = text.statements()[i]; !is_default(record))
        names.push_back(record.pairs.front().value);
  return names;
}

std::optional<std::vector<std::string>> ConfigurationFiles::nodes_of_partition(std::string_view name) const {
  const auto place = place_of_partition(name);
  if (!place) return std::nullopt;
  const auto& text = files_.at(place->file);
  const auto value =
      indexes_.at(place->file)->defaults.value(text, place->statement, "Nodes").value.value_or("");
  if (lower_case(value) == "all") {
    const auto all = nodes();
    return std::vector(all.begin(), all.end());
  }
  if (value.empty()) return std::vector<std::string>{};
  auto names = expand_node_names(value);
  if (!names) return std::nullopt;
  std::ranges::sort(*names);
  return *std::move(names);
}

std::optional<Attributes> ConfigurationFiles::node(const std::string& name) const {
  const auto place = place_of_node(name);
  if (!place) return std::nullopt;
  auto attributes = attributes_at(*place, node_fields());
  attributes.set(node_devices, devices_of(name));
  return attributes;
}

std::set<std::string> ConfigurationFiles::nodes() const {
  std::set<std::string> names;
  for (const auto& [path, text] : files_) {
    if (text.dialect() != Dialect::slurm_conf) continue;
    for (const auto& [name, statements] : indexes_.at(path)->nodes()) names.insert(name);
  }
  return names;
}

std::vector<std::string> ConfigurationFiles::devices_of(const std::string& name) const {
  std::vector<std::string> devices;
  for (const auto& [path, text] : files_) {
    if (text.dialect() != Dialect::gres_conf) continue;
    const auto& index = *indexes_.at(path);
    auto lines = index.for_all;
    if (const auto found = index.nodes().find(name); found != index.nodes().end())
      lines.insert(lines.end(), found->second.begin(), found->second.end());
    for (const auto i : lines)
      if (auto device = device_of(text.statements()[i])) devices.push_back(*std::move(device));
  }
  std::ranges::sort(devices);
  return devices;
}

std::vector<std::string> ConfigurationFiles::values(std::string_view parameter) const {
  const auto& text = files_.at(place_of_parameter(parameter));
  std::vector<std::string> values;
  for (const auto i : parameters(text, parameter)) values.push_back(text.statements()[i].pairs.front().value);
  if (!is_list_parameter(parameter) && values.size() > 1) values.erase(values.begin(), values.end() - 1);
  return values;
}

}  // namespace tidelock::slurm
