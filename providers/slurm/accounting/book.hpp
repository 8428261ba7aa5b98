#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/manifest/value.hpp"
#include "engine/model/address.hpp"
#include "engine/model/provider.hpp"

namespace tidelock::slurm {

/// One thing that slurmdbd holds.
struct Entity {
  Attributes attributes;  ///< every field that its kind has
  std::string raw;        ///< the lines that told of it
};

/// What the answer of slurm_accounting says of one cluster.
class Book {
 public:
  explicit Book(std::span<const std::string> records);

  /// Why nothing is known of the accounting; empty if it is.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] const Entity* find(const ResourceKey& key) const;
  [[nodiscard]] const std::map<ResourceKey, Entity>& entities() const { return entities_; }
  /// The root association, under whatever name the manifest has for the cluster.
  [[nodiscard]] const std::optional<Entity>& cluster() const { return cluster_; }
  /// What Slurm counts: "cpu", "gres/gpu".
  [[nodiscard]] const std::set<std::string, std::less<>>& tres() const { return tres_; }

 private:
  void read_accounting(std::span<const std::string> records);
  void read_tres(std::string_view line);
  void read_qos(std::string_view line);
  void read_account(std::string_view line);
  void read_user(std::string_view line);
  void read_association(std::string_view line);

  std::string fault_;
  std::map<ResourceKey, Entity> entities_;
  std::map<std::string, Entity, std::less<>> accounts_;  ///< of all clusters: what is said of them elsewhere
  std::optional<Entity> cluster_;
  std::set<std::string, std::less<>> tres_;
};

void ask_accounting(Probe& probe);

}  // namespace tidelock::slurm
