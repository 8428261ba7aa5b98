#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/secret.hpp"
#include "engine/model/change.hpp"
#include "engine/model/declaration.hpp"
#include "engine/model/provider.hpp"

namespace tidelock::redis {

inline constexpr std::string_view default_address = "127.0.0.1:6379";
inline constexpr std::string_view instance_kind = "redis_instance";
inline constexpr std::string_view user_kind = "redis_acl_user";
inline constexpr std::string_view config_kind = "redis_config";
inline constexpr std::string_view key_kind = "redis_key";

/// Where an instance listens on its host, and how to log in there.
struct Connection {
  std::string address;  ///< HOST:PORT, or the path of a socket
  std::string user;     ///< empty: as whoever needs to say no name
  std::optional<Secret> password;
};

/// What a resource of the family is declared with besides its attributes.
struct Declared final : Payload {
  std::shared_ptr<const Connection> connection;
  std::vector<std::string> uses;  ///< commands that the user's application needs
};

/// A file that the instance writes anew when it is told to save.
struct SavedFile {
  std::string path;
  std::string digest;  ///< SHA-256; "none" where it is not there
};

/// What a probe found that steps need.
struct Found final : Payload {
  std::shared_ptr<const Connection> connection;
  std::optional<SavedFile> users_file;     ///< ACL SAVE writes it
  std::optional<SavedFile> configuration;  ///< CONFIG REWRITE writes it
  Secret users_text{{}};  ///< all users, as lines of an aclfile; they hold digests of passwords
};

/// The connection that resources are asked over: that of one that is declared, or what was remembered of it.
/// Null where nobody knows.
[[nodiscard]] std::shared_ptr<const Connection> connection_for(std::span<const Subject> subjects,
                                                               const ProbeOptions& options);
/// What the ledger remembers of a resource: how it is reached, but for the password; the rules of a user as
/// they were declared.
struct Memory {
  Connection connection;
  std::vector<std::string> commands;
};

[[nodiscard]] std::string to_memory(const Memory& memory);
/// Empty where the line is none of ours.
[[nodiscard]] Memory recall_memory(std::string_view line);

}  // namespace tidelock::redis
