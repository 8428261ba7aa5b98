#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/provider.hpp"
#include "providers/redis/acl/command_table.hpp"
#include "providers/redis/connection.hpp"
#include "providers/redis/resp/exchange.hpp"

namespace tidelock::redis {

/// A file as the host tells of it.
struct FileSeen {
  std::string state;  ///< file, none, link, odd
  std::string digest;
  std::string text;  ///< the lines that were asked for
};

/// What an instance and its host answered, taken apart.
class Instance {
 public:
  Instance(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
           std::shared_ptr<const Connection> connection);

  /// Why nothing is known of it; empty where something is.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] const Reply* reply(std::string_view label) const { return answers_.find(label); }
  /// Null, and why, where there is no reply or an error instead.
  [[nodiscard]] const Reply* good_reply(std::string_view label, std::string& reason) const;
  /// Of INFO; empty where it has none of that name.
  [[nodiscard]] std::string info(std::string_view name) const;
  /// What CONFIG GET says; none where it says nothing, or nothing is known.
  [[nodiscard]] std::optional<std::string> setting(std::string_view label) const;

  [[nodiscard]] bool is_before_7() const;
  [[nodiscard]] bool is_replica() const { return info("role") == "slave"; }
  [[nodiscard]] bool is_out_of_memory() const;
  [[nodiscard]] std::shared_ptr<const Connection> connection() const { return connection_; }

  /// Where users are saved: the aclfile, or what the instance was started with. Empty where it has neither.
  [[nodiscard]] std::string users_path() const;
  [[nodiscard]] bool has_aclfile() const;
  [[nodiscard]] std::string configuration_path() const { return info("config_file"); }
  /// Null where nobody looked at it.
  [[nodiscard]] const FileSeen* file(std::string_view path) const;
  /// Empty unless all categories are known.
  [[nodiscard]] const CommandTable& commands() const { return commands_; }

 private:
  void take_records(const ProbeOutput& answer, const Requests& requests);
  void take_replies(std::string_view bytes, std::string_view said, const Requests& requests);
  void find_fault();
  void take_info();
  void take_categories();

  std::shared_ptr<const Connection> connection_;
  std::string fault_ = "the host's answer makes no sense";
  Answers answers_;
  std::map<std::string, std::string, std::less<>> info_;
  std::map<std::string, FileSeen, std::less<>> files_;
  CommandTable commands_;
};

}  // namespace tidelock::redis
