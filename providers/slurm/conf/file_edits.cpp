// How the configuration's files are edited.
#include <algorithm>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/slurm/conf/files.hpp"
#include "providers/slurm/conf/lines.hpp"

namespace tidelock::slurm {
namespace {

std::string_view spelling_in(const Statement& statement, const ConfField& field) {
  return !field.alias.empty() && find_pair(statement, field.alias) != nullptr ? field.alias : field.slurm;
}

/// "gpu" and "/dev/nvidia[0-3]" of "gpu=/dev/nvidia[0-3]".
std::pair<std::string, std::string> parts_of(const std::string& device) {
  const auto equals = device.find('=');
  return {device.substr(0, equals), equals == std::string::npos ? "" : device.substr(equals + 1)};
}

}  // namespace

Result<void> ConfigurationFiles::keep(const std::string& file, Result<ConfigurationText> changed) {
  if (!changed) return std::unexpected(changed.error());
  if (changed->text() == files_.at(file).text()) return {};
  if (below_conf_folder(file).empty())
    return failure("Its line stands elsewhere",
                   fmt::format("{} lies outside of {}, and is not edited", shown(file), conf_folder));
  put(file, *std::move(changed));
  return {};
}

Result<std::vector<Setting>> ConfigurationFiles::settings_for(const Place& place,
                                                              std::span<const ConfField> fields,
                                                              const Attributes& wanted) const {
  const auto& text = files_.at(place.file);
  const auto& statement = text.statements()[place.statement];
  std::vector<Setting> settings;
  for (const auto& field : fields) {
    const auto* value = wanted.find(field.key);
    if (value == nullptr) continue;
    const std::string key(spelling_in(statement, field));
    const auto* said = own_pair(statement, field);
    const auto inherited = [&] {
      return indexes_.at(place.file)->defaults.inherited(text, place.statement, field.slurm).value ||
             (!field.alias.empty() &&
              indexes_.at(place.file)->defaults.inherited(text, place.statement, field.alias).value);
    };
    const bool initial = *value == initial_value(field);
    if (initial && !inherited()) {
      if (said != nullptr) settings.push_back({key, std::nullopt});
    } else if (!initial || !field.initial.empty())
      settings.push_back({key, written(field, *value)});
    else
      return failure("A DEFAULT line says it",
                     fmt::format("{} of line {} in {} comes from a DEFAULT line, and no value takes it away",
                                 field.slurm, statement.line, place.file));
  }
  return settings;
}

/// A DEFAULT line above may say more than a new line was given.
Result<void> ConfigurationFiles::change_new(const std::optional<Place>& place,
                                            std::span<const ConfField> fields, const Attributes& wanted) {
  if (!place) return {};
  const auto settings = settings_for(*place, fields, wanted);
  if (!settings) return std::unexpected(settings.error());
  return keep(place->file, change_record(files_.at(place->file), place->statement, *settings));
}

Result<void> ConfigurationFiles::set_partition(std::string_view name, const Attributes& wanted) {
  const auto place = place_of_partition(name);
  const std::string list(wanted.text("nodes"));
  const auto names = expand_node_names(list);
  const auto written_nodes = names ? fold_node_names(*names) : list;
  if (place) {
    auto settings = settings_for(*place, partition_fields(), wanted);
    if (!settings) return std::unexpected(settings.error());
    if (wanted.find("nodes") != nullptr) settings->push_back({"Nodes", written_nodes});
    return keep(place->file, change_record(files_.at(place->file), place->statement, *settings));
  }
  std::vector<Setting> settings{{"PartitionName", std::string(name)}};
  if (!list.empty()) settings.push_back({"Nodes", written_nodes});
  const std::string file(slurm_conf);
  if (auto done = keep(file, add_record(files_.at(file), settings)); !done) return done;
  return change_new(place_of_partition(name), partition_fields(), wanted);
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
    const auto& lines = indexes_.at(path)->nodes();
    for (const auto& name : names)
      if (lines.contains(name)) found[path].push_back(name);
  }
  return found;
}

Result<void> ConfigurationFiles::set_nodes(std::span<const std::string> names, const Attributes& wanted) {
  std::set<std::string> left(names.begin(), names.end());
  for (const auto& [file, there] : by_file(names)) {
    for (const auto& name : there)
      if (left.erase(name) == 0)
        return failure("Node has several lines",
                       fmt::format("node {} is in another file than {} as well", shown(name), shown(file)));
    if (auto done = change_lines(file, there, wanted); !done) return done;
  }
  const std::vector<std::string> fresh(left.begin(), left.end());
  if (!fresh.empty())
    if (auto done = add_nodes(fresh, wanted); !done) return done;
  const auto* devices = wanted.find(node_devices);
  return devices == nullptr ? Result<void>{} : set_devices(names, *devices);
}

/// Line by line: what a line says itself decides what has to be written into it.
Result<void> ConfigurationFiles::change_lines(const std::string& file, std::span<const std::string> names,
                                              const Attributes& wanted) {
  std::set<std::string> open(names.begin(), names.end());
  while (!open.empty()) {
    const auto& lines = indexes_.at(file)->nodes();
    const auto statement = lines.find(*open.begin())->second.front();
    std::vector<std::string> members;
    for (const auto& name : open)
      if (lines.find(name)->second.front() == statement) members.push_back(name);
    for (const auto& name : members) open.erase(name);
    const auto settings = settings_for({file, statement}, node_fields(), wanted);
    if (!settings) return std::unexpected(settings.error());
    if (settings->empty()) continue;
    if (auto done = keep(file, change_nodes(files_.at(file), members, *settings)); !done) return done;
  }
  return {};
}

Result<void> ConfigurationFiles::add_nodes(std::span<const std::string> names, const Attributes& wanted) {
  const std::vector<Setting> settings{{"NodeName", fold_node_names(names)}};
  const std::string file(slurm_conf);
  if (auto done = keep(file, add_record(files_.at(file), settings)); !done) return done;
  return change_new(place_of_node(names.front()), node_fields(), wanted);
}

/// Takes nodes out of the lines of a file; of those for one resource of gres.conf only, where one is given.
Result<void> ConfigurationFiles::remove_lines(const std::string& file, std::span<const std::string> names,
                                              std::string_view resource) {
  for (;;) {
    const auto& text = files_.at(file);
    const auto& lines = indexes_.at(file)->lines;
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
  if (auto done = add_devices(names, *wanted); !done) return done;
  auto expected = *wanted;
  std::ranges::sort(expected);
  for (const auto& name : names)
    if (devices_of(name) != expected)
      return failure("Its devices stand elsewhere",
                     fmt::format("lines that are for every node, or files that gres.conf includes, name "
                                 "devices of node {}, and are not edited",
                                 shown(name)));
  return {};
}

Result<void> ConfigurationFiles::add_devices(std::span<const std::string> names,
                                             std::span<const std::string> devices) {
  const std::string file(gres_conf);
  for (const auto& device : devices) {
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
  if (values.empty()) return remove_values(parameter);
  const auto file = place_of_parameter(parameter);
  const auto& text = files_.at(file);
  if (values.size() == 1) return keep(file, set_parameter(text, parameter, values.front()));
  return keep(file, set_parameter_list(text, parameter, values));
}

/// One that is left in another file would count then.
Result<void> ConfigurationFiles::remove_values(std::string_view parameter) {
  std::vector<std::string> there;
  for (const auto& [path, text] : files_)
    if (text.dialect() == Dialect::slurm_conf && !parameters(text, parameter).empty()) there.push_back(path);
  for (const auto& file : there)
    if (auto done = keep(file, remove_parameter(files_.at(file), parameter)); !done) return done;
  return {};
}

}  // namespace tidelock::slurm
