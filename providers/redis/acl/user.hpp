#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "providers/redis/acl/selector.hpp"

namespace tidelock::redis {

/// A user as the server has it in memory, or as a file declares it.
class AclUser {
 public:
  explicit AclUser(const CommandTable& table) : own(table), table_(&table) {}

  /// One word of ACL SETUSER, ACL LIST or a file of users.
  [[nodiscard]] std::expected<void, std::string> apply(std::string_view rule);
  bool operator==(const AclUser& other) const;

  bool enabled = false;
  bool needs_no_password = false;
  std::set<std::string> password_digests;  ///< SHA-256, as ACL LIST shows them
  bool skips_sanitizing = false;
  Selector own;
  std::vector<Selector> selectors;  ///< others that are tried when the user's own rules refuse
  /// The words that made `own.commands` what it is, and each selector: for people.
  std::vector<std::string> command_rules;
  std::vector<std::string> selector_texts;

 private:
  [[nodiscard]] std::expected<void, std::string> add_selector(std::string_view rule);
  [[nodiscard]] std::expected<bool, std::string> apply_password(std::string_view rule);
  [[nodiscard]] bool apply_flag(std::string_view word);
  void reset();

  const CommandTable* table_;
};

/// The users of a server or of a file, by name.
struct AclUsers {
  std::map<std::string, AclUser, std::less<>> by_name;
  /// Why a line could not be read; none of its user is known then. Never holds what could be a password.
  std::map<std::string, std::string, std::less<>> unreadable;

  [[nodiscard]] const AclUser* find(std::string_view name) const;
};

/// Lines of ACL LIST. `channels_by_default` is what acl-pubsub-default says.
[[nodiscard]] AclUsers parse_users(const std::vector<std::string>& lines, const CommandTable& table,
                                   bool channels_by_default);
/// The lines of a file that begin with `user`, whether it is an aclfile or a redis.conf.
[[nodiscard]] std::vector<std::string> user_lines(std::string_view text);
/// Words with `(` … `)` around several of them as one, as rules are told apart.
[[nodiscard]] std::vector<std::string> rule_words(std::string_view text);
/// The rules of `(…)` or of the text in it.
[[nodiscard]] std::expected<Selector, std::string> parse_selector(std::string_view text,
                                                                  const CommandTable& table);

}  // namespace tidelock::redis
