#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/manifest/value.hpp"
#include "providers/slurm/conf/fields.hpp"
#include "providers/slurm/configuration/edit.hpp"
#include "providers/slurm/configuration/text.hpp"

namespace tidelock::slurm {

inline constexpr std::string_view conf_folder = "/etc/slurm";
inline constexpr std::string_view slurm_conf = "/etc/slurm/slurm.conf";
inline constexpr std::string_view gres_conf = "/etc/slurm/gres.conf";
/// Attribute of a node: its device files, as gres.conf names them: "gpu=/dev/nvidia[0-3]".
inline constexpr std::string_view node_devices = "devices";

/// "slurm.conf", of "/etc/slurm/slurm.conf". Empty for whatever is no plain path below that folder: such a
/// file is read, and never written or compared.
[[nodiscard]] std::string_view below_conf_folder(std::string_view path);

/// slurm.conf, gres.conf and what they include, as one configuration that can be asked and edited. Every edit
/// goes to the file in which the thing stands; what is new goes into slurm.conf or gres.conf themselves.
/// A value, cheap enough to be copied for trying something.
class ConfigurationFiles {
 public:
  /// Texts by absolute path; slurm.conf and gres.conf are empty where they are missing.
  [[nodiscard]] static ConfigurationFiles parse(const std::map<std::string, std::string>& texts);

  [[nodiscard]] const std::map<std::string, ConfigurationText>& files() const { return files_; }
  /// "slurm.conf:12: NodeName is no host list": what Slurm would not read as it was meant.
  [[nodiscard]] std::vector<std::string> problems() const;
  /// A list of nodes that is none, so that nobody can say which nodes there are; empty where all are well.
  [[nodiscard]] std::string unreadable_nodes() const;

  /// What a partition's line says, with DEFAULT lines; none where there is no such line.
  [[nodiscard]] std::optional<Attributes> partition(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> partitions() const;
  /// Nodes of a partition, or nothing where its list cannot be read: NodeSets are not followed.
  [[nodiscard]] std::optional<std::vector<std::string>> nodes_of_partition(std::string_view name) const;
  [[nodiscard]] std::optional<Attributes> node(const std::string& name) const;
  [[nodiscard]] std::set<std::string> nodes() const;
  /// Values of a global parameter: none, one, or, for list parameters, several.
  [[nodiscard]] std::vector<std::string> values(std::string_view parameter) const;

  // An attribute that is to be what it is without a line loses its key, unless a DEFAULT line says otherwise.
  [[nodiscard]] Result<void> set_partition(std::string_view name, const Attributes& wanted);
  [[nodiscard]] Result<void> remove_partition(std::string_view name);
  [[nodiscard]] Result<void> set_nodes(std::span<const std::string> names, const Attributes& wanted);
  [[nodiscard]] Result<void> remove_nodes(std::span<const std::string> names);
  [[nodiscard]] Result<void> set_values(std::string_view parameter, std::span<const std::string> values);

 private:
  struct Place {
    std::string file;
    std::size_t statement = 0;
  };
  struct Index;
  [[nodiscard]] std::optional<Place> place_of_partition(std::string_view name) const;
  [[nodiscard]] std::optional<Place> place_of_node(const std::string& name) const;
  void put(const std::string& file, ConfigurationText text);
  /// Names by the file in which their lines stand; those without one are left out.
  [[nodiscard]] std::map<std::string, std::vector<std::string>> by_file(
      std::span<const std::string> names) const;
  [[nodiscard]] Result<void> change_lines(const std::string& file, std::span<const std::string> names,
                                          const Attributes& wanted);
  [[nodiscard]] Result<void> change_new(const std::optional<Place>& place, std::span<const ConfField> fields,
                                        const Attributes& wanted);
  [[nodiscard]] std::string place_of_parameter(std::string_view parameter) const;
  [[nodiscard]] Attributes attributes_at(const Place& place, std::span<const ConfField> fields) const;
  [[nodiscard]] Result<std::vector<Setting>> settings_for(const Place& place,
                                                          std::span<const ConfField> fields,
                                                          const Attributes& wanted) const;
  [[nodiscard]] Result<void> keep(const std::string& file, Result<ConfigurationText> changed);
  [[nodiscard]] Result<void> remove_values(std::string_view parameter);
  [[nodiscard]] Result<void> add_nodes(std::span<const std::string> names, const Attributes& wanted);
  [[nodiscard]] Result<void> remove_lines(const std::string& file, std::span<const std::string> names,
                                          std::string_view resource);
  [[nodiscard]] Result<void> add_devices(std::span<const std::string> names,
                                         std::span<const std::string> devices);
  [[nodiscard]] Result<void> set_devices(std::span<const std::string> names, const Value& devices);
  [[nodiscard]] std::vector<std::string> devices_of(const std::string& name) const;

  std::map<std::string, ConfigurationText> files_;
  std::map<std::string, std::shared_ptr<const Index>> indexes_;  ///< of the same files
};

}  // namespace tidelock::slurm
