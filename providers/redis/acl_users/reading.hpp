#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/redis/acl/user.hpp"
#include "providers/redis/instance.hpp"

namespace tidelock::redis {

/// What an instance says of its users.
class UserReader {
 public:
  UserReader(std::span<const Subject> subjects, const Instance& instance, std::shared_ptr<const Found> found);

  [[nodiscard]] Finding finding(const Subject& subject) const;
  [[nodiscard]] std::vector<std::string> remarks() const;
  /// What saving all users would overwrite in the file that others wrote there; empty for nothing.
  [[nodiscard]] std::string disagreement() const;

 private:
  [[nodiscard]] std::optional<std::string> unanswered(const Subject& subject) const;
  [[nodiscard]] Finding leaving(const Subject& subject, Finding finding) const;
  [[nodiscard]] Attributes attributes(const Subject& subject, const AclUser& live) const;
  [[nodiscard]] std::vector<std::string> shown_commands(const Subject& subject, const AclUser& live) const;
  [[nodiscard]] bool is_saved(const std::string& name) const;
  [[nodiscard]] std::optional<AclUser> user_in_file(const std::string& name) const;
  [[nodiscard]] std::string fingerprint(const std::string& name) const;
  [[nodiscard]] std::string obstacle(const Subject& subject, const AclUser* live) const;
  [[nodiscard]] std::string rule_obstacle(const Declaration& declaration) const;
  [[nodiscard]] std::string login_name() const;
  [[nodiscard]] bool is_ours(std::string_view name) const;
  [[nodiscard]] bool differs(const Subject& subject, const AclUser& live) const;
  void describe_closing(Finding& finding, const Subject& subject, const AclUser& live) const;
  [[nodiscard]] std::vector<std::string> refused(const Subject& subject) const;
  void remark_on_default(std::vector<std::string>& remarks) const;
  void remark_on_file(std::vector<std::string>& remarks) const;

  std::span<const Subject> subjects_;
  const Instance& instance_;
  std::shared_ptr<const Found> found_;
  AclUsers live_;
  AclUsers saved_;
};

}  // namespace tidelock::redis
