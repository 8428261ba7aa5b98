#pragma once

#include <map>
#include <set>
#include <span>

#include "engine/model/provider.hpp"
#include "providers/slurm/accounting/book.hpp"
#include "providers/slurm/accounting/entity.hpp"
#include "providers/slurm/controller_book.hpp"

namespace tidelock::slurm {

/// Attribute of an association that goes: the account that becomes its user's default in its place.
inline constexpr std::string_view next_default = "next_default_account";

/// What the accounting of one cluster means for what is declared, and for what no longer is.
class AccountingReader {
 public:
  AccountingReader(std::span<const Subject> subjects, const Book& book, const ControllerBook& controller,
                   const ProbeOptions& options);

  [[nodiscard]] Finding finding(const Subject& subject) const;
  /// Whether jobs have a say: something leaves, or a change would touch them.
  [[nodiscard]] bool needs_jobs() const;
  /// What keeps declared QoS from meaning anything: settings of slurm.conf.
  [[nodiscard]] std::vector<std::string> remarks() const;
  /// What slurmdbd holds and nobody declared.
  [[nodiscard]] std::vector<Extra> extras() const;

 private:
  [[nodiscard]] Attributes what_goes(const Declaration& declaration, const Entity& entity) const;
  [[nodiscard]] bool differs(const Subject& subject) const;
  [[nodiscard]] bool declares(std::string_view kind,
                              std::initializer_list<std::string_view> attributes) const;
  [[nodiscard]] bool leaves(const ResourceKey& key) const;
  [[nodiscard]] const Declaration* declared(const ResourceKey& key) const;
  [[nodiscard]] std::optional<Obstacle> missing(const Declaration& declaration) const;
  [[nodiscard]] std::string uncounted(const Declaration& declaration) const;
  [[nodiscard]] std::string too_new(const Declaration& declaration) const;
  [[nodiscard]] std::optional<Obstacle> held(const Declaration& declaration) const;
  [[nodiscard]] std::string held_qos(const std::string& name) const;
  [[nodiscard]] std::string held_account(const std::string& name) const;
  [[nodiscard]] std::string held_association(const std::string& name) const;
  [[nodiscard]] bool is_default(const AssociationName& association) const;
  [[nodiscard]] std::vector<std::string> accounts_left(const std::string& user) const;
  [[nodiscard]] std::optional<std::string> other_default(const Declaration& declaration) const;
  [[nodiscard]] std::string held_user(const std::string& name) const;
  [[nodiscard]] std::vector<const Job*> jobs_of(const Declaration& declaration) const;
  [[nodiscard]] std::vector<Disturbance> disturbed(const Declaration& declaration) const;

  std::span<const Subject> subjects_;
  const Book& book_;
  const ControllerBook& controller_;
  const ProbeOptions& options_;
  std::set<ResourceKey> leaving_;  ///< what goes, as far as nothing holds it
  std::map<ResourceKey, const Declaration*> declared_;
};

}  // namespace tidelock::slurm
