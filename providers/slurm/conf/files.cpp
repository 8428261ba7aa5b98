#include "providers/slurm/conf/files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/hostlist.hpp"
#include "engine/base/text.hpp"
#include "providers/slurm/configuration/node_lines.hpp"
#include "providers/slurm/configuration/query.hpp"

namespace tidelock::slurm {
namespace {

Dialect dialect_of(std::string_view path) {
  return path.ends_with("gres.conf") ? Dialect::gres_conf : Dialect::slurm_conf;
}

std::string_view spelling_in(const Statement& statement, const ConfField& field) {
  return !field.alias.empty() && find_pair(statement, field.alias) != nullptr ? field.alias : field.slurm;
}

/// The value that counts, whichever of its two spellings a line or a DEFAULT has.
std::optional<std::string> effective(const ConfigurationText& text, const Defaults& defaults,
                                     std::size_t statement, const ConfField& field) {
  auto value = defaults.value(text, statement, field.slurm).value;
  if (!value && !field.alias.empty()) value = defaults.value(text, statement, field.alias).value;
  return value;
}

/// What a line says on its own.
const Pair* own(const Statement& statement, const ConfField& field) {
  const auto* pair = find_pair(statement, field.slurm);
  return pair == nullptr && !field.alias.empty() ? find_pair(statement, field.alias) : pair;
}

/// "gpu" and "/dev/nvidia[0-3]" of "gpu=/dev/nvidia[0-3]".
std::pair<std::string, std::string> parts_of(const std::string& device) {
  const auto equals = device.find('=');
  return {device.substr(0, equals), equals == std::string::npos ? "" : device.substr(equals + 1)};
}

std::string resource_of(const Statement& statement) {
  const auto* name = find_pair(statement, "Name");
  const auto* type = find_pair(statement, "Type");
  if (name == nullptr) return {};
  return lower_case(type == nullptr ? name->value : fmt::format("{}:{}", name->value, type->value));
}

bool covers(const Statement& statement, const std::string& node) {
  const auto* nodes = find_pair(statement, "NodeName");
  if (nodes == nullptr) return true;  // it is for every node that reads it
  const auto names = expand_node_names(nodes->value);
  return names && holds(*names, node);
}

}  // namespace

ConfigurationFiles ConfigurationFiles::parse(const std::map<std::string, std::string>& texts) {
  ConfigurationFiles files;
  for (const auto& [path, text] : texts)
    files.files_.emplace(path, ConfigurationText::parse(text, dialect_of(path)));
  for (const auto path : {slurm_conf, gres_conf})
    files.files_.try_emplace(std::string(path), ConfigurationText::parse("", dialect_of(path)));
  return files;
}

std::vector<std::string> ConfigurationFiles::problems() const {
  std::vector<std::string> all;
  for (const auto& [path, text] : files_)
    for (const auto& problem : text.problems())
      all.push_back(fmt::format("{}:{}: {}", path, problem.line, problem.what));
  return all;
}

std::optional<ConfigurationFiles::Place> ConfigurationFiles::place_of_partition(std::string_view name) const {
  for (const auto& [path, text] : files_)
    if (text.dialect() == Dialect::slurm_conf)
      if (const auto found = find_record(text, Sort::partition, name)) return Place{path, *found};
  return std::nullopt;
}

std::optional<ConfigurationFiles::Place> ConfigurationFiles::place_of_node(const std::string& name) const {
  for (const auto& [path, text] : files_) {
    if (text.dialect() != Dialect::slurm_conf) continue;
    const auto lines = node_lines(text);
    if (!lines) continue;
    if (const auto found = lines->find(name); found != lines->end())
      return Place{path, found->second.front()};
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
  const Defaults defaults(text);
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
  const auto value = Defaults(text).value(text, place->statement, "Nodes").value.value_or("");
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
    if (const auto lines = node_lines(text))
      for (const auto& [name, statements] : *lines) names.insert(name);
  }
  return names;
}

std::vector<std::string> ConfigurationFiles::devices_of(const std::string& name) const {
  std::vector<std::string> devices;
  for (const auto& [path, text] : files_) {
    if (text.dialect() != Dialect::gres_conf) continue;
    for (const auto i : statements_of(text, Sort::gres)) {
      const auto& statement = text.statements()[i];
      const auto* file = find_pair(statement, "File");
      if (file != nullptr && covers(statement, name))
        devices.push_back(fmt::format("{}={}", resource_of(statement), file->value));
    }
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

Result<void> ConfigurationFiles::keep(const std::string& file, Result<ConfigurationText> changed) {
  if (!changed) return std::unexpected(changed.error());
  if (!file.starts_with(conf_folder) && changed->text() != files_.at(file).text())
    return failure("Its line stands elsewhere",
                   fmt::format("{} lies outside of {}, and is not edited", shown(file), conf_folder));
  files_.insert_or_assign(file, *std::move(changed));
  return {};
}

std::vector<Setting> ConfigurationFiles::settings_for(const Place& place, std::span<const ConfField> fields,
                                                      const Attributes& wanted) const {
  const auto& text = files_.at(place.file);
  const auto& statement = text.statements()[place.statement];
  std::vector<Setting> settings;
  for (const auto& field : fields) {
    const auto* value = wanted.find(field.key);
    if (value == nullptr) continue;
    const std::string key(spelling_in(statement, field));
    const bool initial = *value == initial_value(field);
    const bool inherited = own(statement, field) == nullptr &&
                           effective(text, Defaults(text), place.statement, field).has_value();
    if (!initial || (inherited && !field.initial.empty()))
      settings.push_back({key, written(field, *value)});
    else if (own(statement, field) != nullptr)
      settings.push_back({key, std::nullopt});
  }
  return settings;
}

Result<void> ConfigurationFiles::set_partition(std::string_view name, const Attributes& wanted) {
  const auto place = place_of_partition(name);
  const auto* nodes = wanted.find("nodes");
  const auto list = nodes == nullptr ? std::string() : std::get<std::string>(*nodes);
  const auto names = expand_node_names(list);
  const auto written_nodes = names ? fold_node_names(*names) : list;
  if (place) {
    auto settings = settings_for(*place, partition_fields(), wanted);
    if (nodes != nullptr) settings.push_back({"Nodes", written_nodes});
    return keep(place->file, change_record(files_.at(place->file), place->statement, settings));
  }
  std::vector<Setting> settings{{"PartitionName", std::string(name)}};
  if (!list.empty()) settings.push_back({"Nodes", written_nodes});
  for (const auto& field : partition_fields())
    if (const auto* value = wanted.find(field.key); value != nullptr && *value != initial_value(field))
      settings.push_back({std::string(field.slurm), written(field, *value)});
  const std::string file(slurm_conf);
  return keep(file, add_record(files_.at(file), settings));
}

Result<void> ConfigurationFiles::remove_partition(std::string_view name) {
  const auto place = place_of_partition(name);
  if (!place) return {};
  return keep(place->file, remove_record(files_.at(place->file), place->statement));
}

std::map<std::string, std::vector<std::string>> ConfigurationFiles::by_file(
    std::span<const std::string> names) const {
  std::map<std::string, std::vector<std::string>> found;
  for (const auto& [path, text] : files_) {
    if (text.dialect() != Dialect::slurm_conf) continue;
    const auto lines = node_lines(text);
    if (!lines) continue;
    for (const auto& name : names)
      if (lines->contains(name)) found[path].push_back(name);
  }
  return found;
}

/// Line by line: what a line says itself decides what has to be written into it.
Result<void> ConfigurationFiles::set_nodes(std::span<const std::string> names, const Attributes& wanted) {
  std::set<std::string> left(names.begin(), names.end());
  for (const auto& [file, there] : by_file(names)) {
    std::set<std::string> open(there.begin(), there.end());
    for (const auto& name : there) left.erase(name);
    while (!open.empty()) {
      const auto place = place_of_node(*open.begin());
      std::vector<std::string> members;
      const auto lines = node_lines(files_.at(file));
      for (const auto& name : open)
        if (lines->find(name)->second.front() == place->statement) members.push_back(name);
      const auto settings = settings_for(*place, node_fields(), wanted);
      for (const auto& name : members) open.erase(name);
      if (settings.empty()) continue;
      if (auto done = keep(file, change_nodes(files_.at(file), members, settings)); !done) return done;
    }
  }
  const std::vector<std::string> fresh(left.begin(), left.end());
  if (!fresh.empty())
    if (auto done = add_nodes(fresh, wanted); !done) return done;
  const auto* devices = wanted.find(node_devices);
  return devices == nullptr ? Result<void>{} : set_devices(names, *devices);
}

Result<void> ConfigurationFiles::add_nodes(std::span<const std::string> names, const Attributes& wanted) {
  std::vector<Setting> settings{{"NodeName", fold_node_names(names)}};
  for (const auto& field : node_fields())
    if (const auto* value = wanted.find(field.key); value != nullptr && *value != initial_value(field))
      settings.push_back({std::string(field.slurm), written(field, *value)});
  const std::string file(slurm_conf);
  return keep(file, add_record(files_.at(file), settings));
}

/// Takes nodes out of the lines of a file; of those for one resource of gres.conf only, where one is given.
Result<void> ConfigurationFiles::remove_lines(const std::string& file, std::span<const std::string> names,
                                              std::string_view resource) {
  for (;;) {
    const auto& text = files_.at(file);
    const auto lines = node_lines(text);
    if (!lines) return std::unexpected(lines.error());
    std::map<std::size_t, std::vector<std::string>> leaving;
    for (const auto& name : names)
      if (const auto found = lines->find(name); found != lines->end())
        for (const auto statement : found->second)
          if (resource.empty() || resource_of(text.statements()[statement]) == resource)
            leaving[statement].push_back(name);
    if (leaving.empty()) return {};
    const auto& [statement, members] = *leaving.rbegin();  // earlier ones keep their places
    const auto all = expand_node_names(find_pair(text.statements()[statement], "NodeName")->value);
    const bool whole = all && all->size() == members.size();
    if (auto done =
            keep(file, whole ? remove_record(text, statement) : split_nodes(text, statement, members));
        !done)
      return done;
  }
}

Result<void> ConfigurationFiles::remove_nodes(std::span<const std::string> names) {
  for (const auto& [file, there] : by_file(names))
    if (auto done = remove_lines(file, there, ""); !done) return done;
  return remove_lines(std::string(gres_conf), names, "");
}

Result<void> ConfigurationFiles::set_devices(std::span<const std::string> names, const Value& devices) {
  const std::string file(gres_conf);
  const auto* wanted = std::get_if<std::vector<std::string>>(&devices);
  if (wanted == nullptr) return {};
  std::set<std::string> resources;
  for (const auto& name : names)
    for (const auto& device : devices_of(name)) resources.insert(parts_of(device).first);
  for (const auto& resource : resources)
    if (auto done = remove_lines(file, names, resource); !done) return done;
  for (const auto& device : *wanted) {
    const auto [resource, path] = parts_of(device);
    const auto colon = resource.find(':');
    std::vector<Setting> settings{{"NodeName", fold_node_names(names)}, {"Name", resource.substr(0, colon)}};
    if (colon != std::string::npos) settings.push_back({"Type", resource.substr(colon + 1)});
    settings.push_back({"File", path});
    if (auto done = keep(file, add_record(files_.at(file), settings)); !done) return done;
  }
  return {};
}

Result<void> ConfigurationFiles::set_values(std::string_view parameter, std::span<const std::string> values) {
  const auto file = place_of_parameter(parameter);
  const auto& text = files_.at(file);
  if (values.size() == 1) return keep(file, set_parameter(text, parameter, values.front()));
  return keep(file, set_parameter_list(text, parameter, values));
}

}  // namespace tidelock::slurm
