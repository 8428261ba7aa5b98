#include "engine/apply/claim.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pwd.h>
#include <unistd.h>

#include "engine/apply/claim.sh.hpp"
#include "engine/base/digest.hpp"
#include "engine/base/text.hpp"
#include "engine/model/value_json.hpp"
#include "engine/probe/interview.hpp"

namespace tidelock {
namespace {

using Json = nlohmann::json;
using std::chrono::seconds;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Field 22 of /proc/PID/stat, proc(5); empty when there is no such process. The name in field 2 may hold
/// spaces and brackets, so fields count from its last bracket.
std::string start_time_of(std::int64_t pid) {
  const auto line = first_line(fmt::format("/proc/{}/stat", pid));
  const auto bracket = line.find_last_of(')');
  if (bracket == std::string::npos) return {};
  constexpr std::size_t fields_after_name = 20;
  const auto fields = split(std::string_view(line).substr(bracket + 1), ' ');
  return fields.size() > fields_after_name ? std::string(fields[fields_after_name]) : std::string();
}

std::string boot_id() { return first_line("/proc/sys/kernel/random/boot_id"); }

std::string user_name() {
  const passwd* entry = getpwuid(getuid());
  return entry == nullptr ? fmt::format("uid {}", getuid()) : entry->pw_name;
}

Json to_json(const Claim& claim) {
  const auto& holder = claim.holder;
  return {{"id", claim.id},
          {"fence", claim.fence},
          {"reason", claim.reason},
          {"lease", claim.lease.count()},
          {"released", claim.released},
          {"holder",
           {{"user", holder.user},
            {"host", holder.host},
            {"pid", holder.pid},
            {"boot_id", holder.boot_id},
            {"start_time", holder.start_time}}}};
}

std::optional<Claim> parse_claim(std::string_view text) try {
  const auto json = Json::parse(text);
  const auto& holder = json.at("holder");
  return Claim{.id = json.at("id"),
               .fence = json.at("fence"),
               .holder = {.user = holder.at("user"),
                          .host = holder.at("host"),
                          .pid = holder.at("pid"),
                          .boot_id = holder.at("boot_id"),
                          .start_time = holder.at("start_time")},
               .reason = json.at("reason"),
               .lease = seconds(json.at("lease").get<std::int64_t>()),
               .released = json.at("released")};
} catch (const Json::exception&) {
  return std::nullopt;
}

std::optional<seconds> parse_time(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  if (error != std::errc{} || end != text.end()) return std::nullopt;
  return seconds(value);
}

Result<std::vector<std::string>> ask(Session& session, Script script) {
  constexpr seconds limit{20};
  LiveInterview interview(session);
  const Question question{"claim", {.scripts = {std::move(script)}, .limit = limit}};
  auto answers = interview.ask(std::span(&question, 1));
  if (!answers) return std::unexpected(answers.error());
  auto& answer = answers->at("claim");
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 0 || answer->records.empty())
    return failure("Cluster cannot be locked",
                   "the lock host does not let us keep a file in /var/lib/tidelock",
                   "root is needed: log in as root, or set connection.become to sudo");
  return std::move(answer->records);
}

/// A claim that makes no sense is somebody's, until its time has passed.
ClaimFile parse_file(const std::string& text, seconds now) {
  ClaimFile file{.claim = {}, .renewed = now, .now = now, .digest = sha256_hex(text)};
  const auto line = text.find('\n');
  if (line == std::string::npos) return file;
  file.renewed = parse_time(std::string_view(text).substr(0, line)).value_or(now);
  file.claim = parse_claim(std::string_view(text).substr(line + 1));
  return file;
}

}  // namespace

ProcessIdentity this_process() {
  constexpr std::size_t longest_name = 256;
  std::array<char, longest_name> host{};
  gethostname(host.data(), host.size() - 1);
  return {.user = user_name(),
          .host = host.data(),
          .pid = getpid(),
          .boot_id = boot_id(),
          .start_time = start_time_of(getpid())};
}

bool is_gone(const ProcessIdentity& process) {
  return process.boot_id == boot_id() && start_time_of(process.pid) != process.start_time;
}

bool ClaimFile::is_free() const {
  if (digest == "none") return true;
  const auto lease = claim ? claim->lease : Claim{}.lease;
  if (now - renewed > lease) return true;
  return claim && (claim->released || is_gone(claim->holder));
}

std::string describe(const ClaimFile& file) {
  if (!file.claim) return "a claim that cannot be read";
  const auto& [user, host, pid, boot, start] = file.claim->holder;
  return printable(fmt::format("{}@{}, process {}: {}; last heard of {} s ago; lock {}", user, host, pid,
                               file.claim->reason, (file.now - file.renewed).count(), file.claim->id));
}

Result<ClaimFile> read_claim(Session& session) {
  auto records = ask(session, Script(embedded::apply_claim_sh, "tl_claim_read"));
  if (!records) return std::unexpected(records.error());
  const auto now = parse_time(records->front());
  if (!now || records->size() != 2)
    return failure("Cluster cannot be locked", "the lock host's answer makes no sense");
  if (records->back().empty()) return ClaimFile{.claim = {}, .renewed = {}, .now = *now, .digest = "none"};
  return parse_file(records->back(), *now);
}

Result<std::optional<ClaimFile>> write_claim(Session& session, const ClaimFile& file, const Claim& claim) {
  const auto text = dump(to_json(claim));
  auto records =
      ask(session, Script(embedded::apply_claim_sh, "tl_claim_write").argument(file.digest).argument(text));
  if (!records) return std::unexpected(records.error());
  if (records->front() == "moved") return std::nullopt;
  const auto now = records->size() == 2 ? parse_time(records->back()) : std::nullopt;
  if (records->front() != "written" || !now)
    return failure("Cluster cannot be locked", "the lock host's answer makes no sense");
  return ClaimFile{.claim = claim,
                   .renewed = *now,
                   .now = *now,
                   .digest = sha256_hex(fmt::format("{}\n{}", now->count(), text))};
}

}  // namespace tidelock
