#include "providers/redis/instance.hpp"

#include <charconv>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "providers/redis/inquiry.hpp"

namespace tidelock::redis {
namespace {

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The relay's status stands on the last line of what it said.
std::string relay_fault(const Connection& connection, std::string_view said) {
  const auto end = said.rfind('\n');
  const auto status = end == std::string_view::npos ? said : said.substr(end + 1);
  const auto lines = split(said.substr(0, end == std::string_view::npos ? 0 : end), '\n');
  const auto first = lines.empty() ? std::string_view() : trim(lines.front());
  const auto where = shown(connection.address);
  if (status == "8") return fmt::format("the host cannot talk to redis: {}", printable(first));
  if (status == "124") return fmt::format("redis at {} did not answer in time", where);
  return fmt::format("redis does not answer at {}{}{}", where, first.empty() ? "" : ": ", printable(first));
}

/// What an error means, without its words: those may repeat what was asked.
std::string error_text(const Reply& error, const Connection& connection) {
  const auto who = connection.user.empty() ? std::string("default") : printable(connection.user);
  const auto code = error.error_code();
  if (code == "NOAUTH") return "redis asks for a password: write redis.user and redis.password";
  if (code == "WRONGPASS")
    return fmt::format("redis refuses the login of {}: another password, or none, is right", who);
  if (code == "NOPERM") return fmt::format("the redis user {} may not ask this", who);
  if (code == "LOADING") return "redis is still loading its data";
  if (code == "DENIED") return "redis is in protected mode and refuses this address";
  return fmt::format("redis refuses to answer ({})", code.empty() ? "ERR" : code);
}

}  // namespace

Instance::Instance(std::span<const Subject> subjects, std::span<const ProbeOutput> answers,
                   std::shared_ptr<const Connection> connection)
    : connection_(std::move(connection)) {
  if (connection_ == nullptr) {
    fault_ = "it is not known how to reach redis: the manifest has no section for it";
    return;
  }
  for (const auto& answer : answers) take_records(answer, inquiry(subjects, *connection_));
}

/// A record of the replies, five for a file, and one of what the relay said; a label before each.
void Instance::take_records(const ProbeOutput& answer, const Requests& requests) {
  constexpr std::size_t of_file = 5;
  const std::string* replies = nullptr;
  for (auto at = answer.records.begin(); answer.records.end() - at > 1;) {
    const auto left = static_cast<std::size_t>(answer.records.end() - at);
    if (*at == "redis") {
      replies = &at[1];
      at += 2;
    } else if (*at == "said" && replies != nullptr) {
      take_replies(*replies, at[1], requests);
      return;
    } else if (*at == "file" && left >= of_file) {
      files_[at[1]] = {at[2], at[3], at[4]};
      at += of_file;
    } else {
      return;
    }
  }
}

void Instance::take_replies(std::string_view bytes, std::string_view said, const Requests& requests) {
  answers_ = Answers(requests, bytes);
  if (answers_.find(requests.labels().front()) == nullptr) {
    fault_ = relay_fault(*connection_, said);
    return;
  }
  fault_.clear();
  take_info();
  find_fault();
  take_categories();
}

void Instance::find_fault() {
  std::string reason;
  const auto* login = answers_.find("login");
  if (login != nullptr && login->is_error()) {
    // A password for nobody in particular, where none is asked for, harms nothing.
    fault_ = login->error_code() == "ERR" && info_.contains("redis_version")
                 ? ""
                 : error_text(*login, *connection_);
    if (!fault_.empty()) return;
  }
  if (good_reply("info", reason) == nullptr) fault_ = reason;
  if (fault_.empty() && info("redis_version").empty()) fault_ = "what answers there is no redis";
  if (info("loading") == "1") fault_ = "redis is still loading its data";
}

void Instance::take_info() {
  const auto* reply = answers_.find("info");
  if (reply == nullptr || !reply->is_text()) return;
  for (const auto line : split(reply->text, '\n'))
    if (const auto colon = line.find(':'); colon != std::string_view::npos)
      info_.try_emplace(std::string(line.substr(0, colon)), trim(line.substr(colon + 1)));
}

void Instance::take_categories() {
  CommandTable table;
  for (const auto& name : inquiry_categories()) {
    const auto* reply = answers_.find("category:" + std::string(name));
    if (reply == nullptr || !reply->is_list()) return;
    table.add_category(std::string(name), reply->texts());
  }
  commands_ = std::move(table);
}

const Reply* Instance::good_reply(std::string_view label, std::string& reason) const {
  const auto* reply = answers_.find(label);
  if (reply == nullptr) reason = "redis did not answer this question";
  if (reply == nullptr || !reply->is_error()) return reply;
  reason = error_text(*reply, *connection_);
  return nullptr;
}

std::string Instance::info(std::string_view name) const {
  const auto found = info_.find(name);
  return found == info_.end() ? std::string() : found->second;
}

std::optional<std::string> Instance::setting(std::string_view label) const {
  const auto* reply = answers_.find(label);
  if (reply == nullptr || !reply->is_list()) return std::nullopt;
  const auto texts = reply->texts();
  return texts.size() == 2 ? std::optional(texts[1]) : std::nullopt;
}

bool Instance::is_before_7() const { return number_in(info("redis_version")) < 7; }

bool Instance::is_out_of_memory() const {
  const auto most = number_in(info("maxmemory"));
  return most > 0 && info("maxmemory_policy") == "noeviction" && number_in(info("used_memory")) >= most;
}

bool Instance::has_aclfile() const { return !setting("aclfile").value_or("").empty(); }

std::string Instance::users_path() const {
  return has_aclfile() ? *setting("aclfile") : configuration_path();
}

const FileSeen* Instance::file(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace tidelock::redis
