#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/system/account_answers.hpp"

namespace tidelock::system {

/// Asks for local accounts, and what name services know of those that are declared.
void ask_accounts(Probe& probe, std::span<const Subject> subjects);

/// What the answers mean for users and groups.
class AccountReader {
 public:
  AccountReader(std::span<const Subject> subjects, std::span<const ProbeOutput> answers)
      : subjects_(subjects), answers_(parse_account_answers(answers)), asked_(answers.size() > 1) {}

  [[nodiscard]] Finding finding(const Subject& subject) const;
  /// Processes matter only when a user goes, or gets another number or home.
  void add_question(Probe& probe, std::span<const Finding> findings) const;

 private:
  [[nodiscard]] bool read_files() const;
  [[nodiscard]] Finding group(const Subject& subject) const;
  [[nodiscard]] Finding user(const Subject& subject) const;
  [[nodiscard]] std::optional<Obstacle> group_obstacle(const Subject& subject, const GroupEntry* entry) const;
  [[nodiscard]] std::optional<Obstacle> user_obstacle(const Subject& subject, const UserEntry* entry) const;
  [[nodiscard]] std::optional<Obstacle> number_taken(const Declaration& declaration,
                                                     std::string_view attribute) const;
  [[nodiscard]] std::optional<Obstacle> still_primary(const std::string& name, const GroupEntry& entry) const;
  [[nodiscard]] std::optional<Obstacle> missing(const char* kind,
                                                const std::vector<std::string>& names) const;
  [[nodiscard]] std::optional<Obstacle> keys_obstacle(const std::string& user) const;
  [[nodiscard]] std::optional<Obstacle> running(std::int64_t uid) const;
  [[nodiscard]] Attributes user_attributes(const Declaration& declaration, const UserEntry& entry) const;
  [[nodiscard]] std::optional<std::vector<std::string>> keys_of(const std::string& user,
                                                                std::int64_t uid) const;
  [[nodiscard]] std::vector<BeforeImage> keys_image(const Declaration& declaration) const;
  [[nodiscard]] std::string group_name(std::int64_t gid) const;
  [[nodiscard]] std::vector<std::string> groups_with(const std::string& user) const;
  [[nodiscard]] bool leaves(std::string_view kind, std::string_view name) const;

  std::span<const Subject> subjects_;
  AccountAnswers answers_;
  bool asked_;
};

}  // namespace tidelock::system
